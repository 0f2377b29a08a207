// SPDX-License-Identifier: Apache-2.0
#include "agent/results/xml_attributes.hpp"

namespace spyre::results {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

}  // namespace

XmlAttributes::XmlAttributes(std::string_view text) : m_rest(text) {
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end]) && text[end] != '>' && text[end] != '/') ++end;
  m_rest.remove_prefix(end);
}

bool XmlAttributes::next() {
  const std::size_t begin = skip_blanks(m_rest, 0);
  if (begin < m_rest.size() && (m_rest[begin] == '>' || m_rest[begin] == '/')) {
    m_rest.remove_prefix(begin);
    return false;
  }
  m_malformed = true;
  std::size_t end = begin;
  while (end < m_rest.size() && m_rest[end] != '=' && !is_blank(m_rest[end])) ++end;
  const std::size_t equals = skip_blanks(m_rest, end);
  const std::size_t open = skip_blanks(m_rest, equals + 1);
  if (end == begin || open >= m_rest.size() || m_rest[equals] != '=') return false;
  if (m_rest[open] != '"' && m_rest[open] != '\'') return false;
  const std::size_t close = m_rest.find(m_rest[open], open + 1);
  if (close == std::string_view::npos) return false;
  m_name = m_rest.substr(begin, end - begin);
  m_value = m_rest.substr(open + 1, close - open - 1);
  m_rest.remove_prefix(close + 1);
  m_malformed = false;
  return true;
}

}  // namespace spyre::results
