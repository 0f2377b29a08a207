// SPDX-License-Identifier: Apache-2.0
// A case of a JUnit file, and a compact container for many of them.
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

// The type of <skipped> in our own files that means not_run because of the budget.
inline constexpr std::string_view over_budget_type = "not_run.budget";

// One case of a JUnit file with a normalised identity: pytest's "test.test_torch.TestTorch", unittest's
// "__main__.TestTorch" and a bare "TestTorch" in test/test_torch.py are all the class TestTorch of that file.
//
// It does not own its texts. Texts passed to a sink are valid until the sink returns; texts of Cases are valid as long
// as the container.
struct Case {
  std::string_view file, classname, name;  // file: "test/test_torch.py", or empty when it is unknown
  std::string_view message, details;
  double time_s = 0;
  int reruns = 0;  // failed attempts before the last one
  results::Outcome outcome = results::Outcome::passed;
  bool over_budget = false;  // not run because the budget expired, according to our own files

  // Return the id as pytest writes it: "test/test_torch.py::TestTorch::test_sum"; without a file "class::name".
  std::string id() const;
  bool flaky() const { return outcome == results::Outcome::passed && reruns > 0; }
};

// Cases in the order in which they were added, and their texts, whose addresses stay the same when cases are added and
// when the container is moved. A moved-from container can only be assigned to and destroyed. A case takes 40 bytes plus
// its texts; a text is cut at 4 GiB.
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

  // Add a case and copy its texts. File and class are shared with the previous case when they are equal.
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
    const char* texts;  // name, message and details, one after the other
    double time_s;
    std::uint32_t name, message, details;  // sizes in bytes
    std::uint32_t class_name;              // index of the class name
    int reruns;
    std::uint8_t outcome;
    bool over_budget;
  };
  // Memory that is freed all at once: a report has hundreds of thousands of short texts.
  struct Storage {
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::deque<ClassName> class_names{&memory};
    std::pmr::deque<Entry> entries{&memory};
  };
  std::unique_ptr<Storage> m_storage = std::make_unique<Storage>();
};

}  // namespace spyre::junit
