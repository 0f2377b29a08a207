// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/values.hpp"

#include <algorithm>
#include <array>

namespace spyre::testsel::python {

std::vector<std::string_view> values_of(const Module& module, std::string_view name) {
  constexpr std::array<std::string_view, 5> adding{"append", "extend", "add", "update", "insert"};
  std::vector<std::string_view> values;
  for (const auto* assignments : {&module.assignments, &module.extensions}) {
    for (const Assignment& one : *assignments) {
      if (one.name == name) values.push_back(one.value);
    }
  }
  for (const Call& call : module.calls) {
    if (!call.callee.starts_with(name) || call.callee.size() <= name.size() || call.callee[name.size()] != '.')
      continue;
    if (std::ranges::find(adding, call.callee.substr(name.size() + 1)) != adding.end())
      values.push_back(call.arguments);
  }
  return values;
}

}  // namespace spyre::testsel::python
