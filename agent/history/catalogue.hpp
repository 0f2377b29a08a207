// SPDX-License-Identifier: Apache-2.0
// The files, units and cases that one run touches, with the history's data about them. Loaded at the start of an
// import, changed in memory, and written back at its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/recent.hpp"

namespace spyre::history {

struct FileRow {
  std::int64_t id = 0;
  std::string path;
  double import_s = -1;  // -1: unknown
  std::string recent{};
  bool listed = false;  // in this run
};

struct UnitRow {
  std::int64_t id = 0;
  std::size_t file = 0;  // index into files
  std::string name;
  std::int64_t whole_at = 0;
  std::int64_t partial_runs = 0;
  std::size_t live = 0;    // cases of the latest complete run, and cases added since
  std::size_t listed = 0;  // cases in this run
};

struct CaseRow {
  std::int64_t id = 0;
  std::size_t file = 0;  // index into files
  std::size_t unit = 0;  // index into units
  std::string name;
  bool gone = false;
  double estimate = -1;
  std::string recent{};
  bool listed = false;        // in this run
  bool changed = false;       // must be written
  std::int64_t attempts = 0;  // in this run, so far
};

// Return the part of an id before "::": "test/test_torch.py".
std::string_view file_of(std::string_view id);

class Catalogue {
 public:
  // Load the data of the cases of these files. New files are added. Other imports of one of these files wait until the
  // transaction ends. Error: as database::Connection::read.
  static Result<Catalogue> load(database::Connection& connection, const std::vector<std::string>& paths);

  // Return one of the loaded files.
  FileRow& file_row(std::string_view path) { return m_files[file_index(path)]; }
  // Return the row of a name in one of these files. It is added if it is missing. References are valid until the next
  // call.
  CaseRow& case_row(std::string_view name, std::string_view unit);
  UnitRow& unit_of(const CaseRow& row) { return m_units[row.unit]; }

  std::vector<UnitRow>& units() { return m_units; }
  std::vector<CaseRow>& cases() { return m_cases; }

  // Assign ids to new rows, and write new and changed rows. Error: as database::Connection::run.
  Result<void> save(database::Connection& connection);

 private:
  // Transparent hash: lookups do not allocate a string.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Index = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;

  Result<void> load_files(database::Connection& connection);
  Result<void> load_units(database::Connection& connection, const std::string& file_ids);
  Result<void> load_cases(database::Connection& connection, const std::string& file_ids);
  Result<void> save_files(database::Connection& connection);
  Result<void> save_units(database::Connection& connection);
  Result<void> save_cases(database::Connection& connection);
  std::size_t file_index(std::string_view path) const { return m_file_by_path.find(path)->second; }
  std::size_t unit_index(std::string_view name);

  std::vector<FileRow> m_files;
  std::vector<UnitRow> m_units;
  std::vector<CaseRow> m_cases;
  Index m_file_by_path, m_unit_by_name, m_case_by_name;
};

}  // namespace spyre::history
