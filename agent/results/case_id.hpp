// SPDX-License-Identifier: Apache-2.0
// The parts of a case id, as pytest composes it.
#pragma once

#include <string>
#include <string_view>

namespace spyre::results {

struct CaseName {
  std::string_view file;        // "test/test_torch.py"
  std::string_view class_path;  // "TestTorch", "TestOuter::TestInner" or empty
  std::string_view name;        // "test_sum[a::b]"; empty when the case is the file itself
};

CaseName split_case_id(std::string_view id);
// Return the module of a file: "test/test_torch.py" → "test.test_torch".
std::string module_name(std::string_view file);

}  // namespace spyre::results
