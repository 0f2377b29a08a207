// SPDX-License-Identifier: Apache-2.0
#include "agent/history/known_durations.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/history/damage.hpp"
#include "agent/history/recent.hpp"

namespace spyre::history {
namespace {

using Runs = std::unordered_set<std::int64_t>;

// The runs on these cards; no value when all runs are on these cards: then the stored estimates are correct.
Result<std::optional<Runs>> runs_on(database::Connection& connection, const std::string& card_kind) {
  if (card_kind.empty()) return std::nullopt;
  std::vector<std::int64_t> ids;
  CHECK_OK(connection.read("SELECT id FROM runs WHERE card_kind = ?", {card_kind}, {&ids}));
  TRY(const std::int64_t all, connection.read_number("SELECT count(*) FROM runs"));
  if (static_cast<std::int64_t>(ids.size()) == all) return std::nullopt;
  return Runs(ids.begin(), ids.end());
}

Result<void> read_imports(database::Connection& connection, const std::optional<Runs>& runs, KnownDurations& known) {
  std::vector<std::string> paths, recent;
  std::vector<double> seconds;
  CHECK_OK(
      connection.read("SELECT path, import_s, recent FROM files WHERE import_s >= 0", {}, {&paths, &seconds, &recent}));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto on_these = runs ? Recent(recent[i]).estimate(*runs) : std::nullopt;
    known.imports.emplace(std::move(paths[i]), on_these.value_or(seconds[i]));
  }
  return {};
}

struct CaseColumns {
  std::vector<std::int64_t> unit_ids;
  std::vector<double> estimates;
  std::vector<std::string> names;
};

Result<CaseColumns> read_cases(database::Connection& connection, const std::optional<Runs>& runs) {
  CaseColumns cases;
  if (!runs) {
    CHECK_OK(connection.read("SELECT unit_id, name, estimate FROM cases WHERE gone = 0 AND estimate >= 0", {},
                             {&cases.unit_ids, &cases.names, &cases.estimates}));
    return cases;
  }
  std::vector<std::string> recent;
  CHECK_OK(connection.read("SELECT unit_id, name, estimate, recent FROM cases WHERE gone = 0 AND estimate >= 0", {},
                           {&cases.unit_ids, &cases.names, &cases.estimates, &recent}));
  for (std::size_t i = 0; i < recent.size(); ++i) {
    cases.estimates[i] = Recent(recent[i]).estimate(*runs).value_or(cases.estimates[i]);
  }
  return cases;
}

Result<std::unordered_map<std::int64_t, std::string>> read_unit_names(database::Connection& connection) {
  std::vector<std::int64_t> ids;
  std::vector<std::string> names;
  CHECK_OK(connection.read("SELECT id, name FROM units", {}, {&ids, &names}));
  std::unordered_map<std::int64_t, std::string> by_id;
  by_id.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) by_id.emplace(ids[i], std::move(names[i]));
  return by_id;
}

}  // namespace

Result<KnownDurations> read_known_durations(database::Connection& connection, const std::string& card_kind) {
  KnownDurations known;
  TRY(const auto runs, runs_on(connection, card_kind));
  CHECK_OK(read_imports(connection, runs, known));
  TRY(CaseColumns found, read_cases(connection, runs));
  // After the cases: a run that is imported in between adds units, but never removes one.
  TRY(const auto unit_names, read_unit_names(connection));
  known.cases.reserve(unit_names.size());
  known.tests.reserve(unit_names.size());
  for (std::size_t i = 0; i < found.names.size(); ++i) {
    const auto unit = unit_names.find(found.unit_ids[i]);
    if (unit == unit_names.end()) return missing_row(connection, "units", found.names[i]);
    known.cases[unit->second].push_back({std::move(found.names[i]), found.estimates[i]});
  }
  for (auto& [unit, cases] : known.cases) {
    std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    double& sum = known.tests[unit];
    for (const CaseDuration& each : cases) sum += each.seconds;
  }
  return known;
}

nlohmann::json to_json(const KnownDurations& durations) {
  nlohmann::json cases = nlohmann::json::object();
  for (const auto& [unit, list] : durations.cases) {
    nlohmann::json& seconds = cases[unit] = nlohmann::json::object();
    for (const CaseDuration& each : list) seconds[each.id] = each.seconds;
  }
  return {{"schema", schema_id("history")},
          {"tests", durations.tests},
          {"imports", durations.imports},
          {"cases", std::move(cases)}};
}

}  // namespace spyre::history
