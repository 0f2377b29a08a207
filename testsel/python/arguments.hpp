// SPDX-License-Identifier: Apache-2.0
// The arguments of a call, as text.
#pragma once

#include <string_view>
#include <vector>

namespace spyre::testsel::python {

// Split at the commas that are in no brackets and no string; an empty last one is left out. Blanks around them are cut.
std::vector<std::string_view> split_arguments(std::string_view text);

}  // namespace spyre::testsel::python
