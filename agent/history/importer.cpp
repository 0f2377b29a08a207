// SPDX-License-Identifier: Apache-2.0
#include "agent/history/importer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/history/catalogue.hpp"
#include "agent/history/messages.hpp"
#include "agent/history/recent.hpp"

namespace spyre::history {
namespace {

using results::Attempt;
using results::CaseResult;
using results::Outcome;
using results::RunRecord;

// After this many partial runs in a row, the unit has really become smaller.
constexpr std::int64_t most_partial_runs = 10;

struct AttemptRow {
  std::size_t case_index;
  std::int64_t number, outcome, card, message_id;
  double seconds;
};

// A pass: the duration is representative.
bool is_typical(Outcome outcome) {
  return outcome == Outcome::passed || outcome == Outcome::xfailed || outcome == Outcome::xpassed;
}

// Return whether two durations differ by more than the usual variation between runs.
bool differs(double a, double b) {
  return std::abs(a - b) > 0.02 + 0.1 * std::abs(b);
}

double sane(double seconds) {
  return std::isfinite(seconds) && seconds > 0 ? seconds : 0;
}

bool is_imported(const results::BatchRecord& batch) {
  return batch.collected && !batch.file.empty();
}

std::vector<std::string> files_in(const RunRecord& record) {
  std::set<std::string, std::less<>> files;
  const auto add = [&](std::string_view id) {
    const std::string name = clean_name(id);
    if (const std::string_view file = file_of(name); !files.contains(file)) files.emplace(file);
  };
  for (const CaseResult& each : record.cases) {
    add(each.id);
    if (!each.unit.empty()) add(each.unit);
  }
  for (const results::BatchRecord& batch : record.batches) {
    if (is_imported(batch)) files.insert(clean_name(batch.file));
  }
  return {files.begin(), files.end()};
}

// This lock is shared by imports; it excludes only changes of the schema and the removal of messages. Without it, the
// statements would lock the tables while they are prepared, and there the library does not report a lock timeout as
// such.
Result<void> lock_tables(database::Connection& connection) {
  if (connection.engine() == database::EngineKind::sqlite) return {};
  return connection.run(
      "LOCK TABLE runs, totals, files, units, cases, messages, attempts, imports, tags IN ROW EXCLUSIVE MODE");
}

class Importer {
 public:
  Importer(database::Connection& connection, const RunRecord& record, std::int64_t started)
      : m_connection(connection), m_record(record), m_started(started) {}

  // Call it inside a transaction.
  Result<bool> import() {
    CHECK_OK(lock_tables(m_connection));
    TRY(const bool is_new, save_run());
    if (!is_new) return false;
    CHECK_OK(load());
    for (const CaseResult& each : m_record.cases) add_case(each);
    settle_units();
    add_imports();
    CHECK_OK(save());
    return true;
  }

 private:
  struct Run {
    std::int64_t started = 0;
    std::string card_kind;
  };

  Result<void> load() {
    TRY(m_catalogue, Catalogue::load(m_connection, files_in(m_record)));
    // After the files are locked: their entries are then complete.
    std::vector<std::int64_t> ids, starts;
    std::vector<std::string> kinds;
    CHECK_OK(m_connection.read("SELECT id, started, card_kind FROM runs", {}, {&ids, &starts, &kinds}));
    for (std::size_t i = 0; i < ids.size(); ++i) m_runs.emplace(ids[i], Run{starts[i], std::move(kinds[i])});
    return {};
  }

  void add_case(const CaseResult& result) {
    if (result.attempts.empty()) return;
    const std::string id = clean_name(result.id);
    CaseRow& row = m_catalogue.case_row(id, result.unit.empty() ? id : clean_name(result.unit));
    if (!row.listed) ++m_catalogue.unit_of(row).listed;
    row.listed = true;
    time_case(row, result.attempts.back());
    const auto index = static_cast<std::size_t>(&row - m_catalogue.cases().data());
    for (const Attempt& attempt : result.attempts) {
      m_attempts.push_back({index, row.attempts++, static_cast<std::int64_t>(attempt.outcome), attempt.card,
                            m_messages.add(results::reason(attempt)), sane(attempt.duration_s)});
    }
  }

  // A case that never passed counts with the duration of its latest attempt.
  void time_case(CaseRow& row, const Attempt& last) {
    if (is_typical(last.outcome)) {
      Recent recent(row.recent);
      recent.add(m_run_id, sane(last.duration_s), origin_of());
      row.recent = recent.text();
      row.estimate = recent.estimate();
      row.changed = true;
    } else if (row.recent.empty() && last.outcome != Outcome::not_run && differs(sane(last.duration_s), row.estimate)) {
      row.estimate = sane(last.duration_s);
      row.changed = true;
    }
  }

  // A run that has most of a unit's cases defines the cases of the unit: others are gone. A partial run (one shard, a
  // part of a batch) does not; cases missing in it stay. A run from before the latest complete one is ignored.
  void settle_units() {
    std::vector<char> is_whole, is_late;
    for (UnitRow& unit : m_catalogue.units()) {
      is_late.push_back(static_cast<char>(m_started < unit.whole_at));
      const bool most = unit.listed * 3 >= unit.live * 2 || unit.partial_runs >= most_partial_runs;
      is_whole.push_back(static_cast<char>(unit.listed > 0 && is_late.back() == 0 && most));
      if (is_whole.back()) {
        unit.whole_at = m_started;
        unit.partial_runs = 0;
      } else if (unit.listed > 0 && !is_late.back()) {
        ++unit.partial_runs;
      }
    }
    for (CaseRow& row : m_catalogue.cases()) {
      const bool gone = row.listed ? (row.gone || row.id == 0) && is_late[row.unit] : row.gone || is_whole[row.unit];
      row.changed = row.changed || gone != row.gone;
      row.gone = gone;
    }
  }

  // A file that was split into several batches was imported several times: the median counts.
  void add_imports() {
    std::map<std::string, std::vector<double>> seconds;
    for (const results::BatchRecord& batch : m_record.batches) {
      if (is_imported(batch)) seconds[clean_name(batch.file)].push_back(sane(batch.import_s));
    }
    for (auto& [path, values] : seconds) {
      FileRow& row = m_catalogue.file_row(path);
      Recent recent(row.recent);
      recent.add(m_run_id, m_imports[path] = median(std::move(values)), origin_of());
      row.recent = recent.text();
      row.import_s = recent.estimate();
      row.listed = true;
    }
  }

  Result<void> save() {
    CHECK_OK(save_totals());
    CHECK_OK(m_catalogue.save(m_connection));
    CHECK_OK(m_messages.save(m_connection));
    CHECK_OK(save_attempts());
    CHECK_OK(save_tags());
    database::Bulk imports = database::Bulk::insert(m_connection, "imports", {"run_id", "file_id", "seconds"});
    for (const auto& [path, seconds] : m_imports) {
      CHECK_OK(imports.add(m_run_id, m_catalogue.file_row(path).id, seconds));
    }
    return imports.finish();
  }

  // Return false when the run is already there. If another process is importing it, wait for that.
  Result<bool> save_run() {
    const auto flaky = std::ranges::count_if(
        m_record.cases, [](const CaseResult& each) { return !each.attempts.empty() && each.flaky(); });
    std::vector<std::int64_t> ids;
    CHECK_OK(m_connection.read(
        "INSERT INTO runs (run_id, revision, stage, started, wall_s, finished, exit_code, tests, flaky, stack,"
        " card_kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING RETURNING id",
        {clean_text(m_record.run_id), clean_text(m_record.revision), clean_text(m_record.stage), m_started,
         sane(m_record.wall_s), std::int64_t{m_record.finished}, std::int64_t{m_record.exit_code()},
         static_cast<std::int64_t>(m_record.tests), std::int64_t{flaky}, clean_text(m_record.stack_key),
         clean_text(m_record.card_kind)},
        {&ids}));
    if (ids.empty()) return false;
    m_run_id = ids.front();
    return true;
  }

  Result<void> save_totals() {
    std::array<std::int64_t, results::outcome_count> counts{};
    for (const CaseResult& each : m_record.cases) {
      if (!each.attempts.empty()) ++counts[static_cast<std::size_t>(each.outcome())];
    }
    database::Bulk totals = database::Bulk::insert(m_connection, "totals", {"run_id", "outcome", "cases"});
    for (std::size_t outcome = 0; outcome < counts.size(); ++outcome) {
      if (counts[outcome] == 0) continue;
      CHECK_OK(totals.add(m_run_id, static_cast<std::int64_t>(outcome), counts[outcome]));
    }
    return totals.finish();
  }

  Result<void> save_attempts() {
    const std::vector<CaseRow>& cases = m_catalogue.cases();
    std::sort(m_attempts.begin(), m_attempts.end(), [&](const AttemptRow& a, const AttemptRow& b) {
      return std::pair(cases[a.case_index].id, a.number) < std::pair(cases[b.case_index].id, b.number);
    });
    database::Bulk insert = database::Bulk::insert(
        m_connection, "attempts", {"run_id", "case_id", "number", "outcome", "seconds", "card", "message_id"});
    for (const AttemptRow& row : m_attempts) {
      CHECK_OK(insert.add(m_run_id, cases[row.case_index].id, row.number, row.outcome, row.seconds, row.card,
                          m_messages.id(row.message_id)));
    }
    return insert.finish();
  }

  // A run without configurations has no tags: the known ones stay.
  Result<void> save_tags() {
    database::Bulk insert = database::Bulk::insert(m_connection, "tags", {"unit_id", "tag"});
    for (const UnitRow& unit : m_catalogue.units()) {
      const auto tags = m_record.tags.find(unit.name);
      if (tags == m_record.tags.end() || unit.listed == 0) continue;
      CHECK_OK(m_connection.run("DELETE FROM tags WHERE unit_id = ?", {unit.id}));
      for (const std::string& tag : std::set<std::string>(tags->second.begin(), tags->second.end())) {
        CHECK_OK(insert.add(unit.id, clean_text(tag)));
      }
    }
    return insert.finish();
  }

  Recent::OriginOf origin_of() const {
    return [this](std::int64_t run) {
      const auto found = m_runs.find(run);
      return found == m_runs.end() ? Recent::Origin{} : Recent::Origin{found->second.started, found->second.card_kind};
    };
  }

  database::Connection& m_connection;
  const RunRecord& m_record;
  std::int64_t m_started;
  std::int64_t m_run_id = 0;
  std::unordered_map<std::int64_t, Run> m_runs;
  Catalogue m_catalogue;
  Messages m_messages;
  std::vector<AttemptRow> m_attempts;
  std::map<std::string, double> m_imports;
};

}  // namespace

Result<bool> import_run(database::Connection& connection, const RunRecord& record) {
  const auto started = parse_utc(record.started);
  if (record.run_id.empty() || !started) {
    return fail(ErrorKind::invalid, fmt::format("the record of run '{}' has no {}", shorten(record.run_id, 100),
                                                record.run_id.empty() ? "run id" : "start time"));
  }
  TRY(database::Transaction transaction, database::Transaction::begin(connection));
  TRY(const bool added, Importer(connection, record, *started).import());
  if (added) CHECK_OK(transaction.commit());
  return added;
}

}  // namespace spyre::history
