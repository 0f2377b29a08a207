// SPDX-License-Identifier: Apache-2.0
#include "testsel/expectation.hpp"

#include <algorithm>
#include <array>

namespace spyre::testsel {
namespace {

constexpr std::array<std::string_view, 4> names{"mandatory_success", "xfail", "xfail_strict", "skip"};

// A skip overrides everything, and a test that may fail need not fail.
int weight(Mode mode) {
  switch (mode) {
    case Mode::skip:
      return 3;
    case Mode::xfail:
      return 2;
    case Mode::xfail_strict:
      return 1;
    case Mode::mandatory_success:
      return 0;
  }
  return 0;
}

}  // namespace

std::string_view name(Mode mode) {
  return names[static_cast<std::size_t>(mode)];
}

std::optional<Mode> parse_mode(std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Mode>(found - names.begin());
}

CaseName name_of_case(std::string_view id) {
  // Parameters may hold colons.
  const std::size_t last = id.substr(0, id.find('[')).rfind("::");
  if (last == std::string_view::npos) return {};
  const std::size_t before = last == 0 ? std::string_view::npos : id.rfind("::", last - 1);
  const auto owner = before == std::string_view::npos ? std::string_view() : id.substr(before + 2, last - before - 2);
  return {owner, id.substr(last + 2)};
}

void merge(const Expectation& other, Expectation& into) {
  if (weight(other.mode) > weight(into.mode)) {
    into.mode = other.mode;
    into.reason = other.reason;
  }
  into.tags.insert(into.tags.end(), other.tags.begin(), other.tags.end());
  std::sort(into.tags.begin(), into.tags.end());
  into.tags.erase(std::unique(into.tags.begin(), into.tags.end()), into.tags.end());
}

}  // namespace spyre::testsel
