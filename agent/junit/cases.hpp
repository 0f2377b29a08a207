// SPDX-License-Identifier: Apache-2.0
// A case of a JUnit file, and what keeps many of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>

#include "agent/results/outcome.hpp"

namespace spyre::junit {

// The type of <skipped> in our own files that stands for not_run because of the budget.
inline constexpr std::string_view over_budget_type = "not_run.budget";

// One case of a JUnit file, its identity normalised: pytest's "test.test_torch.TestTorch", unittest's
// "__main__.TestTorch" and a bare "TestTorch" in test/test_torch.py are all the class TestTorch of that file.
//
// It does not own its texts. Those that a sink gets end when the sink returns; those of Cases end with it.
struct Case {
  std::string_view file, classname, name;  // file: "test/test_torch.py", or empty when nothing tells it
  std::string_view message, details;
  double time_s = 0;
  int reruns = 0;  // failed attempts before the last one
  results::Outcome outcome = results::Outcome::passed;
  bool over_budget = false;  // not run because the budget was over, as our own files say

  // "test/test_torch.py::TestTorch::test_sum", as pytest calls it; without a file "class::name".
  std::string id() const;
  bool flaky() const { return outcome == results::Outcome::passed && reruns > 0; }
};

// Cases in the order they were added, and their texts, which stay where they are when more is added and when it is
// moved. What was moved from can be assigned to and destroyed, and nothing else. A case takes 40 bytes and its texts;
// of a text more than 4 GiB are left out.
class Cases {
 public:
  class Iterator {
   public:
    using value_type = Case;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const Cases& cases, std::size_t index) : m_cases(&cases), m_index(index) {}
    Case operator*() const { return (*m_cases)[m_index]; }
    Iterator& operator++();
    Iterator operator++(int);
    bool operator==(const Iterator&) const = default;

   private:
    const Cases* m_cases = nullptr;
    std::size_t m_index = 0;
  };

  // Copies the texts; file and class are shared with the case before, when it has the same.
  void add(const Case& added);

  std::size_t size() const { return m_storage->entries.size(); }
  bool empty() const { return m_storage->entries.empty(); }
  Case operator[](std::size_t index) const;
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct ClassName {
    std::string_view file, name;
  };
  struct Entry {
    const char* texts;  // name, message and details, one behind the other
    double time_s;
    std::uint32_t name, message, details;  // their sizes
    std::uint32_t class_name;              // which of them
    int reruns;
    std::uint8_t outcome;
    bool over_budget;
  };
  // Memory that is given back all at once: a report is hundreds of thousands of short texts.
  struct Storage {
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::deque<ClassName> class_names{&memory};
    std::pmr::deque<Entry> entries{&memory};
  };
  std::unique_ptr<Storage> m_storage = std::make_unique<Storage>();
};

}  // namespace spyre::junit
