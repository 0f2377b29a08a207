// SPDX-License-Identifier: Apache-2.0
#include "agent/results/xml_attributes.hpp"

#include "agent/results/xml_text.hpp"

namespace spyre::results {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

const char* skip_blanks(const char* at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
  return at;
}

// Names end with a blank or a mark, which come before all letters: mostly one comparison tells that a name goes on.

const char* end_of_tag_name(const char* at, const char* end) {
  while (at != end && (*at > '>' || (*at != '>' && *at != '/' && !is_blank(*at)))) ++at;
  return at;
}

const char* end_of_attribute_name(const char* at, const char* end) {
  while (at != end && (*at > '=' || (*at != '=' && !is_blank(*at)))) ++at;
  return at;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view leading_name(std::string_view text) {
  return between(text.data(), end_of_tag_name(text.data(), text.data() + text.size()));
}

bool XmlAttributes::next() {
  const char* const end = m_rest.data() + m_rest.size();
  const char* const name = skip_blanks(m_rest.data(), end);
  if (name != end && (*name == '>' || *name == '/')) {
    m_rest = between(name, end);
    return false;
  }
  const char* const name_end = end_of_attribute_name(name, end);
  const char* const equals = skip_blanks(name_end, end);
  m_malformed = name == name_end || equals == end || *equals != '=';
  if (m_malformed) return false;
  m_name = between(name, name_end);
  m_malformed = !take_value(skip_blanks(equals + 1, end), end);
  return !m_malformed;
}

bool XmlAttributes::take_value(const char* open, const char* end) {
  if (open == end || (*open != '"' && *open != '\'')) return false;
  const std::string_view inside = between(open + 1, end);
  std::size_t size = ordinary_length(inside, *open);
  m_value.ordinary = size < inside.size() && inside[size] == *open;
  if (!m_value.ordinary) size = inside.find(*open, size);
  if (size == std::string_view::npos) return false;
  m_value.written = inside.substr(0, size);
  m_rest = inside.substr(size + 1);
  return true;
}

}  // namespace spyre::results
