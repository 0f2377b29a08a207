// SPDX-License-Identifier: Apache-2.0
#include "agent/history/catalogue.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/history/damage.hpp"

namespace spyre::history {
namespace {

// Assign ids to rows without one, in the order of their names, so that the index on names grows at one end.
template <typename Row>
Result<std::vector<Row*>> number_new_rows(database::Connection& connection, std::vector<Row>& rows,
                                          std::string_view table, std::string Row::*name) {
  std::vector<Row*> fresh;
  for (Row& row : rows) {
    if (row.id == 0) fresh.push_back(&row);
  }
  std::sort(fresh.begin(), fresh.end(), [&](const Row* a, const Row* b) { return a->*name < b->*name; });
  TRY(const std::vector<std::int64_t> ids, connection.new_ids(table, fresh.size()));
  for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i]->id = ids[i];
  return fresh;
}

using FileIds = std::map<std::string, std::int64_t, std::less<>>;

Result<FileIds> read_file_ids(database::Connection& connection) {
  std::vector<std::int64_t> ids;
  std::vector<std::string> paths;
  CHECK_OK(connection.read("SELECT id, path FROM files", {}, {&ids, &paths}));
  FileIds by_path;
  for (std::size_t i = 0; i < ids.size(); ++i) by_path.emplace(std::move(paths[i]), ids[i]);
  return by_path;
}

Result<void> add_files(database::Connection& connection, const std::vector<std::string>& paths, FileIds& known) {
  std::vector<std::string> fresh;
  std::ranges::copy_if(paths, std::back_inserter(fresh),
                       [&](const std::string& path) { return !known.contains(path); });
  if (fresh.empty()) return {};
  TRY(const std::vector<std::int64_t> ids, connection.new_ids("files", fresh.size()));
  database::Bulk insert = database::Bulk::insert_new(connection, "files", {"id", "path", "import_s", "recent"}, "path");
  for (std::size_t i = 0; i < fresh.size(); ++i) CHECK_OK(insert.add(ids[i], fresh[i], -1.0, std::string_view{}));
  CHECK_OK(insert.finish());
  TRY(known, read_file_ids(connection));
  return {};
}

// Add missing rows, and lock these files against other imports until the end of the transaction. All imports take locks
// in the same order (files, then their locks, then messages), so that they cannot deadlock. Return the ids.
Result<std::vector<std::int64_t>> lock_files(database::Connection& connection, const std::vector<std::string>& paths) {
  TRY(FileIds known, read_file_ids(connection));
  CHECK_OK(add_files(connection, paths, known));
  std::vector<std::int64_t> ids;
  ids.reserve(paths.size());
  for (const std::string& path : paths) ids.push_back(known.at(path));
  // A transaction locks the whole SQLite file.
  if (ids.empty() || connection.engine() == database::EngineKind::sqlite) return ids;
  std::vector<std::int64_t> locked;
  CHECK_OK(connection.read(
      fmt::format("SELECT id FROM files WHERE id IN ({}) ORDER BY id FOR UPDATE", fmt::join(ids, ",")), {}, {&locked}));
  return ids;
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

Result<Catalogue> Catalogue::load(database::Connection& connection, const std::vector<std::string>& paths) {
  Catalogue catalogue;
  TRY(const std::vector<std::int64_t> ids, lock_files(connection, paths));
  CHECK_OK(catalogue.load_files(connection));
  if (ids.empty()) return catalogue;
  const std::string list = fmt::format("{}", fmt::join(ids, ","));
  CHECK_OK(catalogue.load_units(connection, list));
  CHECK_OK(catalogue.load_cases(connection, list));
  return catalogue;
}

Result<void> Catalogue::load_files(database::Connection& connection) {
  std::vector<std::int64_t> ids;
  std::vector<double> imports;
  std::vector<std::string> paths, recent;
  CHECK_OK(connection.read("SELECT id, path, import_s, recent FROM files", {}, {&ids, &paths, &imports, &recent}));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_file_by_path.emplace(paths[i], m_files.size());
    m_files.push_back({ids[i], std::move(paths[i]), imports[i], std::move(recent[i])});
  }
  return {};
}

Result<void> Catalogue::load_units(database::Connection& connection, const std::string& file_ids) {
  std::vector<std::int64_t> ids, files, whole_at, partial_runs;
  std::vector<std::string> names;
  // A case may have moved to a unit of another file.
  CHECK_OK(
      connection.read(fmt::format("SELECT id, file_id, name, whole_at, partial_runs FROM units WHERE file_id IN ({0})"
                                  " OR id IN (SELECT unit_id FROM cases WHERE file_id IN ({0}))",
                                  file_ids),
                      {}, {&ids, &files, &names, &whole_at, &partial_runs}));
  const auto file_index = index_by_id(m_files);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_unit_by_name.emplace(names[i], m_units.size());
    const auto file = file_index.find(files[i]);
    if (file == file_index.end()) return missing_row(connection, "files", names[i]);
    m_units.push_back({ids[i], file->second, std::move(names[i]), whole_at[i], partial_runs[i]});
  }
  return {};
}

Result<void> Catalogue::load_cases(database::Connection& connection, const std::string& file_ids) {
  std::vector<std::int64_t> ids, files, units, gone;
  std::vector<double> estimates;
  std::vector<std::string> names, recent;
  CHECK_OK(connection.read(
      fmt::format("SELECT id, file_id, unit_id, name, gone, estimate, recent FROM cases WHERE file_id IN ({})",
                  file_ids),
      {}, {&ids, &files, &units, &names, &gone, &estimates, &recent}));
  const auto file_index = index_by_id(m_files), unit_index = index_by_id(m_units);
  m_case_by_name.reserve(ids.size());
  m_cases.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    m_case_by_name.emplace(names[i], m_cases.size());
    const auto unit = unit_index.find(units[i]);
    if (unit == unit_index.end()) return missing_row(connection, "units", names[i]);
    m_cases.push_back({ids[i], file_index.at(files[i]), unit->second, std::move(names[i]), gone[i] != 0, estimates[i],
                       std::move(recent[i])});
    if (gone[i] == 0) ++m_units[m_cases.back().unit].live;
  }
  return {};
}

std::size_t Catalogue::unit_index(std::string_view name) {
  if (const auto known = m_unit_by_name.find(name); known != m_unit_by_name.end()) return known->second;
  m_units.push_back({.file = file_index(file_of(name)), .name = std::string(name)});
  return m_unit_by_name.emplace(name, m_units.size() - 1).first->second;
}

CaseRow& Catalogue::case_row(std::string_view name, std::string_view unit) {
  const std::size_t unit_at = unit_index(unit);
  const auto known = m_case_by_name.find(name);
  if (known == m_case_by_name.end()) {
    m_case_by_name.emplace(name, m_cases.size());
    m_cases.push_back({.file = file_index(file_of(name)), .unit = unit_at, .name = std::string(name)});
    return m_cases.back();
  }
  CaseRow& row = m_cases[known->second];
  row.changed = row.changed || row.unit != unit_at;
  row.unit = unit_at;
  return row;
}

Result<void> Catalogue::save(database::Connection& connection) {
  CHECK_OK(save_files(connection));
  CHECK_OK(save_units(connection));
  return save_cases(connection);
}

Result<void> Catalogue::save_files(database::Connection& connection) {
  database::Bulk update = database::Bulk::update(connection, "files", {"import_s", "recent"}, "id");
  for (const FileRow& row : m_files) {
    if (row.listed) CHECK_OK(update.add(row.import_s, row.recent, row.id));
  }
  return update.finish();
}

Result<void> Catalogue::save_units(database::Connection& connection) {
  TRY(const std::vector<UnitRow*> fresh, number_new_rows(connection, m_units, "units", &UnitRow::name));
  database::Bulk insert =
      database::Bulk::insert(connection, "units", {"id", "file_id", "name", "whole_at", "partial_runs"});
  for (const UnitRow* row : fresh) {
    CHECK_OK(insert.add(row->id, m_files[row->file].id, row->name, row->whole_at, row->partial_runs));
  }
  CHECK_OK(insert.finish());
  database::Bulk update = database::Bulk::update(connection, "units", {"whole_at", "partial_runs"}, "id");
  for (const UnitRow& row : m_units) {
    if (row.listed > 0) CHECK_OK(update.add(row.whole_at, row.partial_runs, row.id));
  }
  return update.finish();
}

Result<void> Catalogue::save_cases(database::Connection& connection) {
  // Before the new rows get their ids: new rows are inserted with all columns.
  database::Bulk update = database::Bulk::update(connection, "cases", {"unit_id", "gone", "estimate", "recent"}, "id");
  for (const CaseRow& row : m_cases) {
    if (row.id == 0 || !row.changed) continue;
    CHECK_OK(update.add(m_units[row.unit].id, std::int64_t{row.gone}, row.estimate, row.recent, row.id));
  }
  CHECK_OK(update.finish());
  TRY(const std::vector<CaseRow*> fresh, number_new_rows(connection, m_cases, "cases", &CaseRow::name));
  database::Bulk insert =
      database::Bulk::insert(connection, "cases", {"id", "file_id", "unit_id", "name", "gone", "estimate", "recent"});
  for (const CaseRow* row : fresh) {
    CHECK_OK(insert.add(row->id, m_files[row->file].id, m_units[row->unit].id, row->name, std::int64_t{row->gone},
                        row->estimate, row->recent));
  }
  return insert.finish();
}

}  // namespace spyre::history
