// SPDX-License-Identifier: Apache-2.0
// The selection: the in-scope tests that a stage enables. A function of inventory, scope and fraction only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"
#include "testsel/rank.hpp"
#include "testsel/scope.hpp"
#include "testsel/stages.hpp"

namespace spyre::testsel {

struct SelectOptions {
  std::string stage;    // a name for the document; empty for an explicit fraction
  double fraction = 1;  // of the in-scope tests, (0, 1], taken to the millionth
  // Patterns over ids that narrow the enabled tests: "test/test_torch.py", "test/nn/**",
  // "test_torch.py::TestTorch::test_s*". A pattern that matches a file or a class includes all of it; a pattern without
  // a directory applies to any directory. Empty: everything.
  std::vector<std::string> only;
  std::size_t limit = 0;  // limit of tests, the first in order of rank, without generators; 0: no limit

  Evidence evidence = {};      // for the order of rank; demanded tests are in scope, whatever the rules decide
  TestNotes notes = {};        // tests to be skipped are withheld
  bool only_demanded = false;  // of the enabled tests, only those that the evidence demands

  static SelectOptions of(const Stage& stage);
};

struct SelectedTest {
  std::string id;
  Breadth breadth = Breadth::single;  // what it iterates over, as far as the source shows
  int cards = 1;                      // number that it needs at once
  std::size_t cases = 0;              // expected number, as far as the source shows; 0: unknown
};

// Of a file with selected tests.
struct SourceSize {
  std::size_t bytes = 0;
  std::size_t imports = 0;  // number of distinct modules that it imports at import time
  std::size_t tests = 0;    // all of them, selected or not
  std::size_t cases = 0;    // expected number of these tests' cases

  bool operator==(const SourceSize&) const = default;
};

// A test that is in scope but that the notes exclude from running.
struct WithheldTest {
  std::string id, reason;
};

struct Selection {
  // Units of generated tests do not count as tests: the source does not show how many tests they make.
  struct Generators {
    std::size_t all = 0;
    std::size_t in_scope = 0;
  };
  struct Totals {
    std::size_t tests = 0;  // of the inventory = in_scope + Σ excluded
    std::size_t in_scope = 0;
    std::size_t selected = 0;
    std::map<std::string, std::size_t> excluded;  // reason → count
    Generators generators;
  };

  std::string revision;
  std::string stage;    // empty for an explicit fraction
  double fraction = 1;  // of the in-scope tests, (0, 1]
  Totals totals;
  std::vector<SelectedTest> tests;      // in order of rank: the tests of a smaller stage come first, in the same order
  std::vector<std::string> generators;  // enabled units of generated tests, in byte order
  std::vector<WithheldTest> withheld;   // excluded from the requested tests, in byte order
  std::map<std::string, SourceSize> files;  // by path; unknown files are left out
  TestNotes notes;                          // of the selected tests, and of cases
  std::vector<std::string> unreadable;  // files that do not parse, "path:line:column: why": not run, always reported
};

// Select the first ceil(fraction × in-scope tests) in order of rank. A larger fraction contains a smaller one.
// Error: usage if the fraction is not in (0, 1]; nothing_selected if no test is left.
Result<Selection> select(const Inventory& inventory, const Scope& scope, const SelectOptions& options);

// Return a selection without its choice: for callers that choose in another order.
Selection empty_selection(const Inventory& inventory, const Scope& scope, const Rulings& rulings);
// Return whether `only` of the options includes a test or generator.
bool is_wanted(const std::vector<std::string>& only, std::string_view id);

// The position of one test or generator: answers when it is enabled.
struct Standing {
  std::size_t rank = 0;      // from 1; 0: out of scope, or a generator
  std::size_t in_scope = 0;  // tests
  std::string stage;         // the first one that enables it; empty if none does
};
Standing standing_of(const std::string& id, const Inventory& inventory, const Scope& scope, const Stages& stages,
                     const Evidence& evidence = {});

// Return the selection document, "spyre-ci/selection@1".
nlohmann::json to_json(const Selection& selection);
// Read a selection. Error: not_found, io, invalid.
Result<Selection> read_selection(const std::filesystem::path& path);

}  // namespace spyre::testsel
