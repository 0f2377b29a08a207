// SPDX-License-Identifier: Apache-2.0
#include "agent/history/known_durations.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"

namespace spyre::history {
namespace {

Result<void> read_imports(Database& database, KnownDurations& known) {
  std::vector<std::string> paths;
  std::vector<double> seconds;
  CHECK_OK(database.read("SELECT path, import_s FROM files WHERE import_s >= 0", {}, {&paths, &seconds}));
  for (std::size_t i = 0; i < paths.size(); ++i) known.imports.emplace(std::move(paths[i]), seconds[i]);
  return {};
}

Result<std::unordered_map<std::int64_t, std::string>> read_unit_names(Database& database) {
  std::vector<std::int64_t> ids;
  std::vector<std::string> names;
  CHECK_OK(database.read("SELECT id, name FROM units", {}, {&ids, &names}));
  std::unordered_map<std::int64_t, std::string> by_id;
  by_id.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) by_id.emplace(ids[i], std::move(names[i]));
  return by_id;
}

}  // namespace

Result<KnownDurations> read_known_durations(Database& database) {
  KnownDurations known;
  CHECK_OK(read_imports(database, known));
  std::vector<std::int64_t> unit_ids;
  std::vector<double> estimates;
  std::vector<std::string> names;
  CHECK_OK(database.read("SELECT unit_id, name, estimate FROM cases WHERE gone = 0 AND estimate >= 0", {},
                         {&unit_ids, &names, &estimates}));
  // After the cases: a run that is imported in between adds units, never takes one away.
  TRY(const auto unit_names, read_unit_names(database));
  known.cases.reserve(unit_names.size());
  known.tests.reserve(unit_names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    known.cases[unit_names.at(unit_ids[i])].push_back({std::move(names[i]), estimates[i]});
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
