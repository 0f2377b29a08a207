// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace spyre {

// The version of the program, that of project() in CMakeLists.txt: "1.2.3".
extern const std::string_view version;

}  // namespace spyre
