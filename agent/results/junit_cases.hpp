// SPDX-License-Identifier: Apache-2.0
// A case of a JUnit file, and what keeps many of them.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>

#include "agent/results/outcome.hpp"

namespace spyre::results {

// One case of a JUnit file, its identity normalised: pytest's "test.test_torch.TestTorch", unittest's
// "__main__.TestTorch" and a bare "TestTorch" in test/test_torch.py are all the class TestTorch of that file.
//
// It does not own its texts. Those that a sink gets end when the sink returns; those of JunitCases end with it.
struct JunitCase {
  std::string_view file, classname, name;  // file: "test/test_torch.py", or empty when nothing tells it
  std::string_view message, details;
  double time_s = 0;
  int reruns = 0;  // failed attempts before the last one
  Outcome outcome = Outcome::passed;

  // "test/test_torch.py::TestTorch::test_sum", as pytest calls it; without a file "class::name".
  std::string id() const;
  bool flaky() const { return outcome == Outcome::passed && reruns > 0; }
};

// Cases in the order they were added, and their texts, which stay where they are when more is added and when it is
// moved. What was moved from can be assigned to and destroyed, and nothing else.
class JunitCases {
 public:
  // Copies the texts, but those that are the same as in the case before; only names never are.
  void add(const JunitCase& added);

  std::size_t size() const { return m_storage->cases.size(); }
  bool empty() const { return m_storage->cases.empty(); }
  const JunitCase& operator[](std::size_t index) const { return m_storage->cases[index]; }
  auto begin() const { return m_storage->cases.cbegin(); }
  auto end() const { return m_storage->cases.cend(); }

 private:
  // Memory that is given back all at once: a report is hundreds of thousands of short texts.
  struct Storage {
    std::pmr::monotonic_buffer_resource memory;
    std::pmr::deque<JunitCase> cases{&memory};
  };
  std::unique_ptr<Storage> m_storage = std::make_unique<Storage>();
};

}  // namespace spyre::results
