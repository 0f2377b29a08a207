// SPDX-License-Identifier: Apache-2.0
// Which test files ran a source file when a profile was recorded: td_heuristic_profiling.json of PyTorch's test-infra.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/core/result.hpp"

namespace spyre::testsel {

class ProfileTable {
 public:
  using Row = std::unordered_map<std::string, double>;  // path of a test file, "test/nn/test_pooling.py" → [0, 1]

  // Parse {"torch/_VF.py": {"backends/xeon/test_launch": 1.0, …}, …}: source file → test file without "test/" and ".py"
  // → score, [0, 1]. `origin` names the text in errors. Error: invalid.
  static Result<ProfileTable> parse(std::string_view text, std::string_view origin);
  // Return the row of a source file; empty if the table does not have it.
  const Row& row(std::string_view source) const;

 private:
  std::unordered_map<std::string, Row> m_rows;
};

}  // namespace spyre::testsel
