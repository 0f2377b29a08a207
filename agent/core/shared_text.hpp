// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spyre {

// A text that never changes. Copies share it, and it lives as long as any of them: the names of a hundred thousand
// things are neither copied nor freed one by one.
class SharedText {
 public:
  SharedText() = default;
  // Copy `text`. Implicit, because a SharedText is used in place of a string.
  template <typename Text>
  requires std::convertible_to<const Text&, std::string_view> &&
      (!std::same_as<Text, SharedText>)SharedText(const Text& text)
      : m_all(std::make_shared<std::string>(std::string_view(text))), m_text(*m_all) {}
  // Refer to a part of `all` without copying it.
  SharedText(std::shared_ptr<const std::string> all, std::string_view part) : m_all(std::move(all)), m_text(part) {}

  // Return the text. It is valid while this object or a copy of it lives.
  std::string_view view() const { return m_text; }
  operator std::string_view() const { return m_text; }
  // For fmt 10 and later, which does not use the conversion above.
  friend std::string_view format_as(const SharedText& text) { return text.m_text; }

  template <typename Text>
  requires std::convertible_to<const Text&, std::string_view>
  friend bool operator==(const SharedText& a, const Text& b) { return a.m_text == std::string_view(b); }
  friend auto operator<=>(const SharedText& a, const SharedText& b) { return a.m_text <=> b.m_text; }

 private:
  std::shared_ptr<const std::string> m_all;
  std::string_view m_text;
};

}  // namespace spyre
