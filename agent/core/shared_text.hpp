// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spyre {

// A text that never changes. Copies share it, and it lives as long as any of them: what names a hundred thousand things
// is neither copied nor freed name by name.
class SharedText {
 public:
  SharedText() = default;
  // A copy of `text`. Implicit: it stands for a string.
  template <typename Text>
  requires std::convertible_to<const Text&, std::string_view> &&
      (!std::same_as<Text, SharedText>)SharedText(const Text& text)
      : m_all(std::make_shared<std::string>(std::string_view(text))), m_text(*m_all) {}
  // A part of `all`, which is not copied.
  SharedText(std::shared_ptr<const std::string> all, std::string_view part) : m_all(std::move(all)), m_text(part) {}

  // Valid as long as this, or a copy of it.
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
