// SPDX-License-Identifier: Apache-2.0
#include "agent/history/trend.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"

namespace spyre::history {
namespace {

using results::Outcome;

constexpr std::int64_t day_ms = 86'400'000;

std::string_view name(Step step) {
  return step == Step::run ? "run" : step == Step::day ? "day" : "week";
}

std::int64_t begin_of(std::int64_t time, Step step) {
  if (step == Step::run) return time;
  const std::int64_t day = (time >= 0 ? time : time - day_ms + 1) / day_ms;
  // 1970-01-01 was a Thursday.
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;
  return (step == Step::day ? day : day - weekday) * day_ms;
}

double share(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

void add(TrendPoint& point, const RunInfo& run) {
  if (point.runs++ == 0) point.revision = run.revision;  // newest first
  point.tests = std::max(point.tests, run.tests);
  point.cases += run.cases();
  point.passed += run.count(Outcome::passed);
  point.failures += run.failures();
  point.not_run += run.count(Outcome::not_run);
  point.flaky += run.flaky;
  point.wall_s += run.wall_s;
}

}  // namespace

Result<Step> parse_step(std::string_view text) {
  const std::vector<std::string> names{"run", "day", "week"};
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<Step>(found - names.begin());
  return fail(ErrorKind::usage, fmt::format("unknown step '{}'{}", shorten(text, 50), did_you_mean(text, names)),
              "give run, day or week");
}

double TrendPoint::pass_rate() const {
  return share(passed, passed + failures);
}

double TrendPoint::flaky_share() const {
  return share(flaky, passed + failures);
}

std::vector<TrendPoint> trend(const std::vector<RunInfo>& runs, Step step) {
  std::vector<const RunInfo*> newest_first;
  newest_first.reserve(runs.size());
  for (const RunInfo& run : runs) newest_first.push_back(&run);
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const RunInfo* a, const RunInfo* b) { return a->started > b->started; });
  // Two runs that started at the same time stay two points.
  std::map<std::tuple<std::int64_t, std::string, std::string>, TrendPoint> points;
  for (const RunInfo* run : newest_first) {
    const std::int64_t time = begin_of(run->started, step);
    TrendPoint& point = points[{time, run->stage, step == Step::run ? run->run_id : ""}];
    point.time = time;
    point.stage = run->stage;
    add(point, *run);
  }
  std::vector<TrendPoint> out;
  for (auto& [key, point] : points) {
    point.wall_s /= static_cast<double>(point.runs);
    out.push_back(std::move(point));
  }
  return out;
}

nlohmann::json to_json(const std::vector<TrendPoint>& points, Step step) {
  nlohmann::json list = nlohmann::json::array();
  for (const TrendPoint& point : points) {
    list.push_back({{"time", format_utc_ms(point.time)},
                    {"stage", point.stage},
                    {"revision", point.revision},
                    {"runs", point.runs},
                    {"tests", point.tests},
                    {"cases", point.cases},
                    {"passed", point.passed},
                    {"failures", point.failures},
                    {"not_run", point.not_run},
                    {"flaky", point.flaky},
                    {"pass_rate", point.pass_rate()},
                    {"flaky_share", point.flaky_share()},
                    {"wall_s", point.wall_s}});
  }
  return {{"schema", schema_id("trend")}, {"step", name(step)}, {"points", std::move(list)}};
}

}  // namespace spyre::history
