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

struct Units {
  std::vector<std::int64_t> ids, whole_at;
  std::vector<std::string> names;
  std::unordered_map<std::int64_t, std::size_t> index;
};

Result<Units> read_units(Database& database) {
  Units units;
  CHECK_OK(database.read("SELECT id, whole_at, name FROM units", {}, {&units.ids, &units.whole_at, &units.names}));
  units.index.reserve(units.ids.size());
  for (std::size_t i = 0; i < units.ids.size(); ++i) units.index.emplace(units.ids[i], i);
  return units;
}

}  // namespace

Result<KnownDurations> read_known_durations(Database& database) {
  KnownDurations known;
  CHECK_OK(read_imports(database, known));
  TRY(Units units, read_units(database));
  std::vector<std::int64_t> unit_ids, seen_at;
  std::vector<double> estimates;
  std::vector<std::string> names;
  CHECK_OK(
      database.read("SELECT c.unit_id, c.name, t.estimate, t.seen_at FROM cases c"
                    " JOIN timings t ON t.case_id = c.id WHERE t.estimate >= 0",
                    {}, {&unit_ids, &names, &estimates, &seen_at}));
  known.cases.reserve(units.ids.size());
  known.tests.reserve(units.ids.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto unit = units.index.find(unit_ids[i]);
    // A case that the latest whole run of its unit did not have is gone, or belongs to another kind of card.
    if (unit == units.index.end() || seen_at[i] < units.whole_at[unit->second]) continue;
    known.cases[units.names[unit->second]].push_back({std::move(names[i]), estimates[i]});
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
