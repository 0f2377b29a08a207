// SPDX-License-Identifier: Apache-2.0
#include "agent/results/event.hpp"

#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"

using namespace spyre;
using namespace spyre::results;

namespace {

// One event of each kind, and some with optional fields missing.
std::vector<Event> samples() {
  Attempt failed{Outcome::failed, 1.25, "AssertionError: 1 != 2", "a traceback", "some output", 3};
  Attempt dropped;
  dropped.cause = {Cause::Kind::budget, 600};
  return {
      {0, event::RunStarted{"r1",
                            "abc",
                            "1",
                            "2026-11-22T03:35:00.123Z",
                            "cpu",
                            2,
                            {{"test/test_a.py::test_x", {"oot", "slow"}}},
                            {{"b1", "test/test_a.py", {"test/test_a.py::test_x"}}}}},
      {1, event::RunResumed{"2026-11-23T03:35:00.123Z"}},
      {2, event::BatchStarted{"b1", {0, 1}}},
      {3,
       event::BatchCollected{
           "b1", 0.5, {{"test/test_a.py::test_x", "test/test_a.py::test_x", false}, {"y", "x", true}}}},
      {3, event::BatchCollected{"b1", 0.5, {}, {{"TestA", event::InjectedClass::Kind::restricted}}}},
      {4, event::BatchNotRun{"b1", {Cause::Kind::run_limit, 60}, {}}},
      {4, event::BatchNotRun{"b1", {}, "no card is left"}},
      {4, event::BatchNotRun{"b1", {}, {}}},
      {5, event::CaseStarted{"b1", "y"}},
      {6, event::CaseFinished{"b1", "y", "x", failed}},
      {6, event::CaseFinished{"b1", "y", "x", dropped}},
      {7, event::BatchFinished{"b1"}},
      {8, event::CardCordoned{1, 60.5, "card 1: gone"}},
      {9, event::Warning{"careful"}},
      {10, event::Infra{"no card"}},
      {11, event::RunFinished{}},
      {11, event::RunFinished{15}},
  };
}

}  // namespace

TEST_CASE("every event matches the schema, and is read back unchanged") {
  const JsonSchema schema("journal");
  std::vector<bool> seen(std::variant_size_v<Event::What>);
  for (const Event& event : samples()) {
    const nlohmann::json written = to_json(event);
    INFO(written.dump());
    CHECK(schema.violations(written) == "");
    CHECK(written["event"] == name(event));
    const auto read = read_event(written);
    REQUIRE(read);
    CHECK(read->what.index() == event.what.index());
    CHECK(read->t == event.t);
    CHECK(to_json(*read) == written);
    seen[event.what.index()] = true;

    auto wrong = written;
    wrong["colour"] = "red";
    CHECK(schema.violations(wrong) != "");
  }
  seen[Event{0, event::Unknown{}}.what.index()] = true;
  CHECK(std::find(seen.begin(), seen.end(), false) == seen.end());
}

TEST_CASE("an event of a later version is known only by its name") {
  const auto event = read_event({{"event", "coffee"}, {"t", 2.5}, {"cups", 2}});
  REQUIRE(event);
  CHECK(name(*event) == "coffee");
  CHECK(event->t == 2.5);
}

TEST_CASE("the older name of an event is accepted") {
  const auto event =
      read_event({{"event", "card_quarantined"}, {"t", 1}, {"card", 2}, {"length_s", 60}, {"message", "card 2: gone"}});
  REQUIRE(event);
  const auto* cordoned = std::get_if<event::CardCordoned>(&event->what);
  REQUIRE(cordoned != nullptr);
  CHECK(cordoned->card == 2);
}
