// SPDX-License-Identifier: Apache-2.0
#include "agent/results/cause.hpp"

#include <csignal>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "agent/results/event.hpp"
#include "agent/results/failure_groups.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"

using namespace spyre;
using namespace spyre::results;

namespace {

using Kind = Cause::Kind;

// A cause of every kind, with all of its fields.
Cause sample(Kind kind) {
  Cause cause = told(kind, "what it said");
  cause.limit_s = 60;
  cause.signal = SIGSEGV;
  cause.exit_code = kind == Kind::exit_code ? 3 : 0;
  cause.bytes = 3 << 20;
  cause.limit_bytes = 2 << 20;
  cause.cards = 4;
  if (kind == Kind::too_few_cards) {
    cause.usable_cards = 2;
    cause.all_cards = 3;
  }
  cause.where = Cause::Where::worker;
  cause.running = true;
  return cause;
}

}  // namespace

TEST_CASE("every kind of cause matches the schema, is read back unchanged, and has its own text") {
  const JsonSchema schema("journal");
  std::set<std::string> described;
  for (int i = 1; i <= static_cast<int>(Kind::refused); ++i) {
    const Cause cause = sample(static_cast<Kind>(i));
    const nlohmann::json event = to_json(Event{1, event::BatchNotRun{"b", cause}});
    INFO(event.dump());
    CHECK(schema.violations(event) == "");
    const auto read = read_event(event);
    REQUIRE(read);
    CHECK(std::get<event::BatchNotRun>(read->what).cause == cause);
    CHECK(described.insert(describe(cause)).second);
  }
  CHECK(describe({}).empty());
}

TEST_CASE("the fields of a written cause are those of its kind") {
  Cause exit{Kind::exit_code};
  CHECK(to_json(exit) == nlohmann::json({{"kind", "exit_code"}, {"exit_code", 0}}));
  CHECK(to_json(Cause{Kind::stall, 20}) == nlohmann::json({{"kind", "stall"}, {"limit_s", 20.0}}));
  exit.where = Cause::Where::collection;
  CHECK(to_json(exit)["where"] == "collection");
}

TEST_CASE("causes are described in words") {
  Cause killed{Kind::signal};
  killed.signal = SIGKILL;
  CHECK(describe(killed) == "crashed: SIGKILL");
  killed.bytes = 3ULL << 30;
  CHECK(describe(killed) == "crashed: SIGKILL, perhaps out of memory: it had used 3.0 GiB");
  killed.where = Cause::Where::collection;
  killed.bytes = 0;
  CHECK(describe(killed) == "crashed during collection: SIGKILL");
  Cause ended{Kind::unknown_end};
  ended.where = Cause::Where::worker;
  CHECK(describe(ended) == "crashed: its worker was ended by an unknown cause");
  Cause interrupted{Kind::interrupted};
  interrupted.signal = SIGTERM;
  interrupted.running = true;
  CHECK(describe(interrupted) == "was running when the run was interrupted by SIGTERM");
}

TEST_CASE("only test output indicates a machine failure, not the text of a cause") {
  FailureGrouper grouper;
  Attempt attempt{Outcome::crashed, 1, {}, {}, {}, 0, told(Kind::bad_events, "not an event: out of memory")};
  grouper.add("a", attempt);
  attempt.cause = {};
  attempt.message = "out of memory";
  grouper.add("b", attempt);
  const auto groups = grouper.groups();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].message == describe(told(Kind::bad_events, "not an event: out of memory")));
  CHECK(groups[0].kind == FailureKind::test);
  CHECK(groups[1].kind == FailureKind::memory);
}
