// SPDX-License-Identifier: Apache-2.0
#include "agent/report/text_table.hpp"

#include <algorithm>

#include "agent/report/terminal.hpp"

namespace spyre::report {

void TextTable::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = m_rows.emplace_back();
  for (const std::string& cell : cells) row.push_back(one_line(cell));
  row.resize(m_columns.size());
}

std::string TextTable::text() const {
  if (m_rows.empty()) return {};
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string>& titles = lines.emplace_back();
  for (const Column& column : m_columns) titles.push_back(column.title);
  lines.insert(lines.end(), m_rows.begin(), m_rows.end());

  std::vector<std::size_t> widths(m_columns.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string padding(widths[i] - display_width(line[i]), ' ');
      if (i > 0) text += "  ";
      text += m_columns[i].align == Align::right ? padding + line[i] : line[i] + padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

}  // namespace spyre::report
