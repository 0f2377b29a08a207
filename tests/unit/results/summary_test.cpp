// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/results/record.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/results/events.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::results::test;

namespace {

const std::string y = "test/test_a.py::A::test_y";

RunRecord mixed_record(bool other_order = false) {
  const auto first = finished("b1", "c_b", Outcome::failed, "1 != 2"), second = finished("b1", "c_a", Outcome::crashed);
  return record_of({run_started({{"b1", "test/test_a.py", {y}}, {"b2", "test/test_b.py", {"u1", "u2"}}}),
                    collected("b1", {{"c_a", y}, {"c_b", y}, {"c_c", y}}), other_order ? second : first,
                    other_order ? first : second, finished("b1", "c_c", Outcome::failed),
                    finished("b1", "c_c", Outcome::passed), simple("warning", {{"message", "card 0 is warm"}}),
                    simple("batch_not_run", {{"batch", "b2"}, {"reason", "no card is left"}}),
                    simple("run_finished", {{"t", 12.5}})});
}

}  // namespace

TEST_CASE("the summary contains the results") {
  const nlohmann::json document = summary(mixed_record());
  CHECK(schema_violations(document, "summary").empty());
  CHECK(document["exit_code"] == 3);
  CHECK(document["wall_s"] == 12.5);
  CHECK(document["totals"] == nlohmann::json::parse(R"({"tests": 3, "collected": 5, "passed": 1, "failed": 1,
      "error": 0, "skipped": 0, "xfailed": 0, "xpassed": 0, "crashed": 1, "timed_out": 0, "not_run": 2, "flaky": 1,
      "generated": 0})"));
  CHECK(document["not_run"] == nlohmann::json{{"no card is left", 2}});
  REQUIRE(document["failures"].size() == 2);
  CHECK(document["failures"][0]["id"] == "c_a");
  CHECK(document["failures"][1]["id"] == "c_b");
  CHECK(document["failures"][1]["message"] == "1 != 2");
  CHECK(document["failures"][1]["verdict"] == "unknown");
  CHECK(document["failures"][1]["unit"] == y);
  CHECK(document["failures"][1]["rerun"] == "spyre-ci run --rev abc --fraction 1 --only " + y);
}

TEST_CASE("the order in which cases ended does not affect the failures") {
  CHECK(dump_json(summary(mixed_record(false))) == dump_json(summary(mixed_record(true))));
}

TEST_CASE("the request completes the rerun command of a failure") {
  RunRequest request;
  request.source = "/home/me/py torch";
  request.cards = "cpu:2";
  const nlohmann::json document = summary(mixed_record(), &request);
  CHECK(document["failures"][0]["rerun"] ==
        "spyre-ci run --source '/home/me/py torch' --cards cpu:2 --fraction 1 --only " + y);
}

TEST_CASE("the summary of an empty record is a valid document") {
  CHECK(schema_violations(summary(RunRecord{}), "summary").empty());
  CHECK(summary(RunRecord{})["exit_code"] == 4);
}

TEST_CASE("text that is not UTF-8 does not break the summary") {
  RunRecord record = mixed_record();
  record.cases[0].attempts.back().message = "\xFF";
  CHECK(parse_json(dump_json(summary(record)), "summary"));
}
