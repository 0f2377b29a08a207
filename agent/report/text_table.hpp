// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace spyre::report {

// Lines of aligned columns, two blanks apart; the last column has any width.
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : m_columns(std::move(columns)) {}
  // Add a row with one cell for each column. Cells are made safe for a terminal.
  void add(const std::vector<std::string>& cells);
  std::size_t size() const { return m_rows.size(); }
  // Return the table with its titles; empty without rows.
  std::string text() const;

 private:
  std::vector<Column> m_columns;
  std::vector<std::vector<std::string>> m_rows;
};

}  // namespace spyre::report
