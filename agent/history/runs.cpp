// SPDX-License-Identifier: Apache-2.0
#include "agent/history/runs.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/database/connection.hpp"

namespace spyre::history {
namespace {

using results::Outcome;

struct Runs {
  std::vector<RunInfo> infos;
  std::unordered_map<std::int64_t, std::size_t> by_id;
};

Result<Runs> read_rows(database::Connection& connection, const RunFilter& filter) {
  std::vector<std::int64_t> ids, started, finished, exit_codes, tests, flaky, kept;
  std::vector<double> wall;
  std::vector<std::string> run_ids, revisions, stages, kinds, stack_keys;
  std::string where = "started >= ?";
  std::vector<database::Value> values{filter.since};
  const auto demand = [&](const char* column, const std::optional<std::string>& wanted) {
    if (!wanted) return;
    where += fmt::format(" AND {} = ?", column);
    values.emplace_back(*wanted);
  };
  demand("stage", filter.stage);
  demand("card_kind", filter.card_kind);
  if (filter.kept_only) where += " AND kept = 1";
  values.emplace_back(static_cast<std::int64_t>(filter.latest));
  CHECK_OK(connection.read(
      fmt::format("SELECT id, run_id, revision, stage, card_kind, stack, started, wall_s, finished, exit_code, tests,"
                  " flaky, kept FROM runs WHERE {} ORDER BY started DESC, id DESC LIMIT ?",
                  where),
      std::move(values),
      {&ids, &run_ids, &revisions, &stages, &kinds, &stack_keys, &started, &wall, &finished, &exit_codes, &tests,
       &flaky, &kept}));
  Runs runs;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    runs.by_id.emplace(ids[i], i);
    runs.infos.push_back({ids[i],
                          std::move(run_ids[i]),
                          std::move(revisions[i]),
                          std::move(stages[i]),
                          std::move(kinds[i]),
                          std::move(stack_keys[i]),
                          started[i],
                          wall[i],
                          finished[i] != 0,
                          static_cast<int>(exit_codes[i]),
                          static_cast<std::size_t>(tests[i]),
                          {},
                          static_cast<std::size_t>(flaky[i]),
                          kept[i] != 0});
  }
  return runs;
}

}  // namespace

Outcome outcome_of(std::int64_t number) {
  const bool known = number >= 0 && number < static_cast<std::int64_t>(results::outcome_count);
  return known ? static_cast<Outcome>(number) : Outcome::not_run;
}

std::string failure_numbers() {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < results::outcome_count; ++i) {
    if (results::is_failure(static_cast<Outcome>(i))) numbers.push_back(i);
  }
  return fmt::format("{}", fmt::join(numbers, ","));
}

std::size_t RunInfo::cases() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::size_t{0});
}

std::size_t RunInfo::failures() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (results::is_failure(static_cast<Outcome>(i))) sum += outcomes[i];
  }
  return sum;
}

Result<std::vector<RunInfo>> read_runs(database::Connection& connection, const RunFilter& filter) {
  TRY(Runs runs, read_rows(connection, filter));
  std::vector<std::int64_t> ids, outcomes, cases;
  CHECK_OK(connection.read("SELECT run_id, outcome, cases FROM totals", {}, {&ids, &outcomes, &cases}));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (const auto run = runs.by_id.find(ids[i]); run != runs.by_id.end()) {
      runs.infos[run->second].outcomes[static_cast<std::size_t>(outcome_of(outcomes[i]))] +=
          static_cast<std::size_t>(cases[i]);
    }
  }
  return std::move(runs.infos);
}

Result<std::unordered_map<std::string, Outcome>> read_outcomes(database::Connection& connection,
                                                               const std::string& run_id) {
  std::vector<std::int64_t> run, outcomes;
  std::vector<std::string> names;
  CHECK_OK(connection.read("SELECT id FROM runs WHERE run_id = ? AND kept = 1", {run_id}, {&run}));
  if (run.empty()) {
    return fail(ErrorKind::not_found, fmt::format("the history has no results of run '{}'", shorten(run_id, 200)),
                "`spyre-ci history trend` lists the runs; results of old runs are deleted after a while");
  }
  CHECK_OK(
      connection.read("SELECT c.name, a.outcome FROM attempts a JOIN cases c ON c.id = a.case_id"
                      " WHERE a.run_id = ? ORDER BY a.case_id, a.number",
                      {run[0]}, {&names, &outcomes}));
  std::unordered_map<std::string, Outcome> by_name;
  by_name.reserve(names.size());
  // The last attempt decides.
  for (std::size_t i = 0; i < names.size(); ++i) by_name.insert_or_assign(std::move(names[i]), outcome_of(outcomes[i]));
  return by_name;
}

}  // namespace spyre::history
