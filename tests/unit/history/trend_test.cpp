// SPDX-License-Identifier: Apache-2.0
#include "agent/history/trend.hpp"

#include "agent/core/utc.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"

using namespace spyre;
using namespace spyre::history;
using results::Outcome;

namespace {

RunInfo run(const std::string& started, const std::string& stage, std::size_t passed, std::size_t failed,
            std::size_t flaky = 0) {
  RunInfo info;
  info.run_id = started + stage;
  info.revision = "rev-" + started;
  info.stage = stage;
  info.started = *parse_utc(started);
  info.wall_s = 60;
  info.tests = passed + failed;
  info.outcomes[static_cast<std::size_t>(Outcome::passed)] = passed;
  info.outcomes[static_cast<std::size_t>(Outcome::failed)] = failed;
  info.outcomes[static_cast<std::size_t>(Outcome::skipped)] = 100;
  info.flaky = flaky;
  return info;
}

std::string times(const std::vector<TrendPoint>& points) {
  std::string out;
  for (const TrendPoint& point : points) out += format_utc_ms(point.time).substr(0, 10) + "/" + point.stage + " ";
  return out;
}

}  // namespace

TEST_CASE("a trend point contains the runs of one stage in one step") {
  // The first of June 2026 is a Monday.
  const std::vector<RunInfo> runs{run("2026-06-09T02:00:00Z", "1", 90, 10, 5), run("2026-06-01T02:00:00Z", "1", 80, 20),
                                  run("2026-06-01T22:00:00Z", "1", 100, 0), run("2026-06-07T23:59:59Z", "2", 10, 0)};
  CHECK(times(trend(runs, Step::day)) == "2026-06-01/1 2026-06-07/2 2026-06-09/1 ");
  CHECK(times(trend(runs, Step::week)) == "2026-06-01/1 2026-06-01/2 2026-06-08/1 ");
  CHECK(trend(runs, Step::run).size() == 4);
  const TrendPoint day = trend(runs, Step::day)[0];
  CHECK(day.runs == 2);
  CHECK(day.revision == "rev-2026-06-01T22:00:00Z");
  CHECK(day.tests == 100);
  CHECK(day.cases == 400);
  CHECK(day.pass_rate() == Approx(0.9));
  CHECK(day.wall_s == 60);
  CHECK(trend(runs, Step::day)[2].flaky_share() == Approx(0.05));
}

TEST_CASE("runs that started at the same time are two points") {
  std::vector<RunInfo> runs{run("2026-06-01T02:00:00Z", "1", 1, 0), run("2026-06-01T02:00:00Z", "1", 1, 0)};
  runs[1].run_id = "other";
  CHECK(trend(runs, Step::run).size() == 2);
  CHECK(trend(runs, Step::day).size() == 1);
}

TEST_CASE("a trend without verdicts has a rate of 0") {
  const std::vector<TrendPoint> points = trend({run("2026-06-01T02:00:00Z", "1", 0, 0)}, Step::run);
  CHECK(points.at(0).pass_rate() == 0);
  CHECK(points.at(0).flaky_share() == 0);
  CHECK(trend({}, Step::week).empty());
}

TEST_CASE("steps are parsed by name") {
  CHECK(parse_step("week") == Step::week);
  CHECK(parse_step("run") == Step::run);
  CHECK(parse_step("dya").error().kind == ErrorKind::usage);
}

TEST_CASE("the trend matches its schema") {
  const nlohmann::json document = to_json(trend({run("2026-06-01T02:00:00Z", "1", 90, 10)}, Step::day), Step::day);
  CHECK(schema_violations(document, "trend").empty());
  CHECK(document["points"][0]["pass_rate"] == Approx(0.9));
  CHECK(document["step"] == "day");
}
