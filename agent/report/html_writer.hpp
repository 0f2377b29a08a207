// SPDX-License-Identifier: Apache-2.0
// Builds HTML piece by piece. Text from tests is untrusted: it is written only by text() and as attribute values, which
// escape it. raw() takes only literals.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace spyre::report {

// Escape text for an element or a quoted attribute.
std::string escaped(std::string_view text);

// A literal of this program: markup without escaping.
class Markup {
 public:
  template <std::size_t N>
  consteval Markup(const char (&literal)[N]) : m_text(literal, N - 1) {}  // NOLINT(google-explicit-constructor)
  constexpr std::string_view text() const { return m_text; }

 private:
  std::string_view m_text;
};

class HtmlWriter {
 public:
  HtmlWriter& raw(Markup markup) {
    m_out += markup.text();
    return *this;
  }
  HtmlWriter& text(std::string_view text) {
    m_out += escaped(text);
    return *this;
  }
  // Write the output of another writer, or an embedded file of this program.
  HtmlWriter& trusted(std::string_view markup) {
    m_out += markup;
    return *this;
  }
  // Write <tag>text</tag>.
  HtmlWriter& element(Markup tag, std::string_view content) {
    m_out += "<";
    m_out += tag.text();
    m_out += ">" + escaped(content) + "</";
    m_out += tag.text().substr(0, tag.text().find(' '));
    m_out += ">";
    return *this;
  }
  // Write ` name="value"`.
  HtmlWriter& attribute(Markup name, std::string_view value) {
    m_out += " ";
    m_out += name.text();
    m_out += "=\"" + escaped(value) + "\"";
    return *this;
  }
  std::size_t size() const { return m_out.size(); }
  std::string take() { return std::move(m_out); }

 private:
  std::string m_out;
};

}  // namespace spyre::report
