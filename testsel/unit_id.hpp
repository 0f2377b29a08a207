// SPDX-License-Identifier: Apache-2.0
// The names of units: "test/test_torch.py::TestTorch::test_sum", "test/test_nn.py::TestNN", "test/test_fx.py".
#pragma once

#include <string>
#include <string_view>

namespace spyre::testsel {

// Return the id of a unit. `class_name` is qualified within the module ("Outer.Inner"), or empty; so is `function` for
// a class or a file.
inline std::string unit_id(std::string_view path, std::string_view class_name, std::string_view function = {}) {
  std::string id(path);
  for (std::string_view rest = class_name; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    id.append("::").append(part);
    rest.remove_prefix(part.size() == rest.size() ? rest.size() : part.size() + 1);
  }
  if (!function.empty()) id.append("::").append(function);
  return id;
}

}  // namespace spyre::testsel
