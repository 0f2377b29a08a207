// SPDX-License-Identifier: Apache-2.0
#include "agent/history/catalogue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::history {
namespace {

// Gives ids to the rows that have none, in the order of their names: so that the index on the names grows at one end.
template <typename Row>
Result<std::vector<Row*>> number_new_rows(Database& database, std::vector<Row>& rows, std::string_view table,
                                          std::string Row::*name) {
  std::vector<Row*> fresh;
  for (Row& row : rows) {
    if (row.id == 0) fresh.push_back(&row);
  }
  std::sort(fresh.begin(), fresh.end(), [&](const Row* a, const Row* b) { return a->*name < b->*name; });
  TRY(std::int64_t id, database.read_number(fmt::format("SELECT COALESCE(MAX(id), 0) FROM {}", table)));
  for (Row* row : fresh) row->id = ++id;
  return fresh;
}

template <typename Row>
std::unordered_map<std::int64_t, std::size_t> index_by_id(const std::vector<Row>& rows) {
  std::unordered_map<std::int64_t, std::size_t> index;
  for (std::size_t i = 0; i < rows.size(); ++i) index.emplace(rows[i].id, i);
  return index;
}

}  // namespace

std::string_view file_of(std::string_view id) {
  return id.substr(0, id.find("::"));
}

Result<Catalogue> Catalogue::load(Database& database, const std::vector<std::string>& paths) {
  Catalogue catalogue;
  CHECK_OK(catalogue.load_files(database));
  std::vector<std::string> file_ids;
  for (const std::string& path : paths) {
    const auto known = catalogue.m_file_by_path.find(path);
    if (known != catalogue.m_file_by_path.end()) {
      file_ids.push_back(fmt::format("{}", catalogue.m_files[known->second].id));
    }
  }
  if (file_ids.empty()) return catalogue;
  CHECK_OK(catalogue.load_units(database, join(file_ids, ",")));
  CHECK_OK(catalogue.load_cases(database, join(file_ids, ",")));
  return catalogue;
}

Result<void> Catalogue::load_files(Database& database) {
  std::vector<std::int64_t> ids;
  std::vector<double> imports;
  std::vector<std::string> paths, recent;
  CHECK_OK(database.read("SELECT id, path, import_s, recent FROM files", {}, {&ids, &paths, &imports, &recent}));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_file_by_path.emplace(paths[i], m_files.size());
    m_files.push_back({ids[i], std::move(paths[i]), imports[i], std::move(recent[i])});
  }
  return {};
}

Result<void> Catalogue::load_units(Database& database, const std::string& file_ids) {
  std::vector<std::int64_t> ids, files, whole_at, partial_runs;
  std::vector<std::string> names;
  // A case may have been put into a unit of another file.
  CHECK_OK(
      database.read(fmt::format("SELECT id, file_id, name, whole_at, partial_runs FROM units WHERE file_id IN ({0})"
                                " OR id IN (SELECT unit_id FROM cases WHERE file_id IN ({0}))",
                                file_ids),
                    {}, {&ids, &files, &names, &whole_at, &partial_runs}));
  const auto file_index = index_by_id(m_files);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_unit_by_name.emplace(names[i], m_units.size());
    m_units.push_back({ids[i], file_index.at(files[i]), std::move(names[i]), whole_at[i], partial_runs[i]});
  }
  return {};
}

Result<void> Catalogue::load_cases(Database& database, const std::string& file_ids) {
  std::vector<std::int64_t> ids, files, units, seen_at;
  std::vector<double> estimates;
  std::vector<std::string> names, recent;
  CHECK_OK(database.read(fmt::format("SELECT c.id, c.file_id, c.unit_id, c.name, t.seen_at, t.estimate, t.recent"
                                     " FROM cases c JOIN timings t ON t.case_id = c.id WHERE c.file_id IN ({})",
                                     file_ids),
                         {}, {&ids, &files, &units, &names, &seen_at, &estimates, &recent}));
  const auto file_index = index_by_id(m_files), unit_index = index_by_id(m_units);
  m_case_by_name.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_case_by_name.emplace(names[i], m_cases.size());
    m_cases.push_back({ids[i], file_index.at(files[i]), unit_index.at(units[i]), std::move(names[i]), seen_at[i],
                       estimates[i], std::move(recent[i])});
    UnitRow& unit = m_units[m_cases.back().unit];
    if (seen_at[i] >= unit.whole_at) ++unit.live;
  }
  return {};
}

std::size_t Catalogue::file_index(std::string_view path) {
  const auto [found, is_new] = m_file_by_path.try_emplace(std::string(path), m_files.size());
  if (is_new) m_files.push_back({.path = std::string(path)});
  return found->second;
}

std::size_t Catalogue::unit_index(std::string_view name) {
  const auto [found, is_new] = m_unit_by_name.try_emplace(std::string(name), m_units.size());
  if (is_new) m_units.push_back({.file = file_index(file_of(name)), .name = std::string(name)});
  return found->second;
}

CaseRow& Catalogue::case_row(std::string_view name, std::string_view unit) {
  const std::size_t unit_at = unit_index(unit);
  const auto [found, is_new] = m_case_by_name.try_emplace(std::string(name), m_cases.size());
  if (is_new) m_cases.push_back({.file = file_index(file_of(name)), .unit = unit_at, .name = std::string(name)});
  CaseRow& row = m_cases[found->second];
  if (row.unit != unit_at) {
    row.unit = unit_at;
    row.moved = true;
  }
  return row;
}

Result<void> Catalogue::save(Database& database) {
  CHECK_OK(save_files(database));
  CHECK_OK(save_units(database));
  CHECK_OK(save_cases(database));
  return save_timings(database);
}

Result<void> Catalogue::save_files(Database& database) {
  TRY(const std::vector<FileRow*> fresh, number_new_rows(database, m_files, "files", &FileRow::path));
  BulkRows insert(database, "INSERT INTO files (id, path, import_s, recent)");
  for (const FileRow* row : fresh) CHECK_OK(insert.add(row->id, row->path, -1.0, ""));
  CHECK_OK(insert.finish());
  BulkRows update(database, "UPDATE files SET import_s = v.column2, recent = v.column3 FROM (",
                  ") AS v WHERE files.id = v.column1");
  for (const FileRow& row : m_files) {
    if (row.listed) CHECK_OK(update.add(row.id, row.import_s, row.recent));
  }
  return update.finish();
}

Result<void> Catalogue::save_units(Database& database) {
  TRY(const std::vector<UnitRow*> fresh, number_new_rows(database, m_units, "units", &UnitRow::name));
  BulkRows insert(database, "INSERT INTO units (id, file_id, name, whole_at, partial_runs)");
  for (const UnitRow* row : fresh) {
    CHECK_OK(insert.add(row->id, m_files[row->file].id, row->name, std::int64_t{0}, std::int64_t{0}));
  }
  CHECK_OK(insert.finish());
  BulkRows update(database, "UPDATE units SET whole_at = v.column2, partial_runs = v.column3 FROM (",
                  ") AS v WHERE units.id = v.column1");
  for (const UnitRow& row : m_units) {
    if (row.listed > 0) CHECK_OK(update.add(row.id, row.whole_at, row.partial_runs));
  }
  return update.finish();
}

Result<void> Catalogue::save_cases(Database& database) {
  TRY(const std::vector<CaseRow*> fresh, number_new_rows(database, m_cases, "cases", &CaseRow::name));
  BulkRows insert(database, "INSERT INTO cases (id, file_id, unit_id, name)");
  for (const CaseRow* row : fresh) {
    CHECK_OK(insert.add(row->id, m_files[row->file].id, m_units[row->unit].id, row->name));
  }
  CHECK_OK(insert.finish());
  BulkRows update(database, "UPDATE cases SET unit_id = v.column2 FROM (", ") AS v WHERE cases.id = v.column1");
  for (const CaseRow& row : m_cases) {
    if (row.moved) CHECK_OK(update.add(row.id, m_units[row.unit].id));
  }
  return update.finish();
}

Result<void> Catalogue::save_timings(Database& database) {
  BulkRows insert(database, "INSERT INTO timings (case_id, seen_at, estimate, recent)",
                  "ON CONFLICT (case_id) DO UPDATE SET seen_at = excluded.seen_at, estimate = excluded.estimate,"
                  " recent = excluded.recent");
  for (const CaseRow& row : m_cases) {
    if (row.listed) CHECK_OK(insert.add(row.id, row.seen_at, row.estimate, row.recent));
  }
  return insert.finish();
}

}  // namespace spyre::history
