// SPDX-License-Identifier: Apache-2.0
#include "agent/results/case_id.hpp"

#include <algorithm>

namespace spyre::results {

CaseName split_case_id(std::string_view id) {
  // Parameters may contain any text, including "::".
  const std::size_t written = std::min(id.find('['), id.size());
  const std::size_t first = id.substr(0, written).find("::");
  if (first == std::string_view::npos) return {id, {}, {}};
  const std::size_t last = id.substr(0, written).rfind("::");
  if (first == last) return {id.substr(0, first), {}, id.substr(first + 2)};
  return {id.substr(0, first), id.substr(first + 2, last - first - 2), id.substr(last + 2)};
}

std::string module_name(std::string_view file) {
  if (file.ends_with(".py")) file.remove_suffix(3);
  std::string out(file);
  std::replace(out.begin(), out.end(), '/', '.');
  return out;
}

}  // namespace spyre::results
