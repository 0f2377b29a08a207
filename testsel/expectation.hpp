// SPDX-License-Identifier: Apache-2.0
// Knowledge about tests besides their source: that they may fail, must fail, or must not run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::testsel {

// The four modes of torch-spyre's configurations. Documents contain these names.
enum class Mode {
  mandatory_success,  // it passes, or the run fails
  xfail,              // it may fail
  xfail_strict,       // it fails, or the run fails
  skip,               // it is not run, and listed
};

std::string_view name(Mode mode);
std::optional<Mode> parse_mode(std::string_view name);

struct Expectation {
  Mode mode = Mode::mandatory_success;
  std::string reason;  // for people: "tests/configs/test_torch.yaml:12:11", "quarantined by …: https://…"
  std::vector<std::string> tags;  // sorted, each once

  bool operator==(const Expectation&) const = default;
};

// By the id of a test.
using Expectations = std::map<std::string, Expectation>;

// Merge two expectations of one test: the one that lets less run or fail wins. Tags are united.
void merge(const Expectation& other, Expectation& into);

// A note about cases by their own names, which is not about a test as written: lists name cases too, and tests of
// classes that inherit them or are made at run time.
struct CaseNote {
  std::string class_name;  // prefix of the case's class,
  std::string name;        // its function, with device and dtype;
  std::string reason;
  std::string id = {};  // or, instead of both: the case's id, or a glob over ids
  Mode mode = Mode::skip;

  bool operator==(const CaseNote&) const = default;
};

// Return the last class and the function of an id: "TestTorchCPU" and "test_sum_cpu" of
// "test/t.py::TestTorchCPU::test_sum_cpu". A parameter in brackets is part of the name; the class may be empty.
struct CaseName {
  std::string_view class_name, function;
};
CaseName name_of_case(std::string_view id);

// The notes that a selection and its plan carry.
struct TestNotes {
  Expectations tests;  // those that differ from mandatory_success without tags
  std::vector<CaseNote> cases;

  bool empty() const { return tests.empty() && cases.empty(); }
  bool operator==(const TestNotes&) const = default;
};

// Return the member "notes" of a document.
nlohmann::json to_json(const TestNotes& notes);
// Read the member "notes". Error: invalid, without the document's name.
Result<TestNotes> read_notes(const nlohmann::json& value);

}  // namespace spyre::testsel
