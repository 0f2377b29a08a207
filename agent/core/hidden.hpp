// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace spyre {

// What is written down in place of a secret. As the value of a setting it is refused: the real one has to be given.
inline constexpr std::string_view hidden_value = "***";

}  // namespace spyre
