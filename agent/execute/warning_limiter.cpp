// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/warning_limiter.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

constexpr std::size_t longest = 4000;  // bytes
constexpr std::size_t told_of_a_kind = 3;
constexpr std::size_t kinds_of_a_source = 20;
constexpr std::size_t other_kinds = 200;  // of sources without a name: the agent's own
constexpr std::size_t shown_of_a_kind = 200;

// Return the text with every number replaced, up to the point where texts of one kind may differ.
std::string kind_of(std::string_view message) {
  constexpr std::size_t compared = 300;
  std::string kind;
  for (const char letter : message.substr(0, compared)) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!is_digit || !kind.ends_with('#')) kind += is_digit ? '#' : letter;
  }
  return kind;
}

}  // namespace

std::optional<std::string> WarningLimiter::admit(std::string_view source, std::string_view message) {
  Source& from = m_sources[std::string(source)];
  std::string text = head_and_tail(message, longest);
  std::string name = kind_of(text);
  if (!from.kinds.contains(name) && from.kinds.size() >= (source.empty() ? other_kinds : kinds_of_a_source)) {
    ++from.left_out;
    return std::nullopt;
  }
  Kind& kind = from.kinds[std::move(name)];
  if (kind.told.size() >= told_of_a_kind || std::ranges::find(kind.told, text) != kind.told.end()) {
    ++kind.left_out;
    return std::nullopt;
  }
  kind.told.push_back(text);
  return text;
}

std::vector<std::string> WarningLimiter::left_out() const {
  std::vector<std::string> lines;
  for (const auto& [name, source] : m_sources) {
    for (const auto& [text, kind] : source.kinds) {
      if (kind.left_out == 0) continue;
      lines.push_back(fmt::format("{} more like: {}", kind.left_out, shorten(kind.told.front(), shown_of_a_kind)));
    }
    if (source.left_out > 0) {
      lines.push_back(fmt::format("{} more warnings{}", source.left_out, name.empty() ? "" : " of " + name));
    }
  }
  return lines;
}

}  // namespace spyre::execute
