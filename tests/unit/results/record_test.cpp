// SPDX-License-Identifier: Apache-2.0
#include "agent/results/record.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "tests/unit/results/events.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::results::test;

namespace {

const std::vector<BatchOf> two_batches{
    {"b1", "test/test_a.py", {"test/test_a.py::A::test_x", "test/test_a.py::A::test_y"}},
    {"b2", "test/test_b.py", {"test/test_b.py::B::test_z"}}};

std::size_t sum_of_outcomes(const RunRecord& record) {
  const auto totals = record.totals();
  std::size_t sum = 0;
  for (const std::string_view outcome : outcome_names) sum += totals.at(std::string(outcome));
  return sum;
}

Error error_of(const std::vector<nlohmann::json>& events) {
  RecordBuilder builder;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) REQUIRE(fold(builder, events[i]));
  const auto folded = fold(builder, events.back());
  REQUIRE_FALSE(folded);
  CHECK(folded.error().kind == ErrorKind::invalid);
  return folded.error();
}

std::filesystem::path journal_with(const TemporaryDirectory& directory, std::string_view text) {
  REQUIRE(write_file(directory.path() / "journal.jsonl", text));
  return directory.path();
}

}  // namespace

TEST_CASE("a run in which everything passes") {
  const RunRecord record =
      record_of({run_started(two_batches), simple("batch_started", {{"batch", "b1"}, {"cards", {1}}}),
                 collected("b1", {{"test/test_a.py::ACPU::test_x_cpu", "test/test_a.py::A::test_x"},
                                  {"test/test_a.py::ACPU::test_y_cpu", "test/test_a.py::A::test_y"}}),
                 finished("b1", "test/test_a.py::ACPU::test_x_cpu", Outcome::passed),
                 finished("b1", "test/test_a.py::ACPU::test_y_cpu", Outcome::passed),
                 simple("batch_finished", {{"batch", "b1"}, {"t", 9.5}}),
                 collected("b2", {{"test/test_b.py::B::test_z", "test/test_b.py::B::test_z"}}),
                 finished("b2", "test/test_b.py::B::test_z", Outcome::passed), simple("run_finished", {{"t", 12.0}})});
  CHECK(record.exit_code() == 0);
  CHECK(record.finished);
  CHECK(record.wall_s == 12.0);
  CHECK(record.totals().at("tests") == 3);
  CHECK(record.totals().at("collected") == 3);
  CHECK(record.totals().at("passed") == 3);
  CHECK(record.not_instantiated.empty());
  CHECK(record.batches[0].cards == std::vector{1});
  CHECK(record.batches[0].finished);
  CHECK(record.batches[0].ended_s == 9.5);
  CHECK(record.cases[0].unit == "test/test_a.py::A::test_x");
}

TEST_CASE("units of a batch that never ran are not_run, with the reason") {
  const auto events = [](std::vector<nlohmann::json> more) {
    std::vector<nlohmann::json> all{run_started(two_batches),
                                    collected("b2", {{"test/test_b.py::B::test_z", "test/test_b.py::B::test_z"}}),
                                    finished("b2", "test/test_b.py::B::test_z", Outcome::passed)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  SECTION("a reason of its own") {
    const RunRecord record = record_of(
        events({simple("batch_not_run", {{"batch", "b1"}, {"reason", "no card is left"}}), simple("run_finished")}));
    CHECK(record.totals().at("not_run") == 2);
    CHECK(sum_of_outcomes(record) == 3);
    CHECK(record.exit_code() == 3);
    CHECK(record.cases[1].id == "test/test_a.py::A::test_x");
    CHECK(reason(record.cases[1].attempts.at(0)) == "no card is left");
  }
  SECTION("an interruption") {
    const RunRecord record = record_of(events({simple("run_finished", {{"interrupted_by", 15}})}));
    CHECK(record.exit_code() == 143);
    CHECK_FALSE(record.finished);
    CHECK(reason(record.cases[2].attempts.at(0)) == "the run was interrupted by SIGTERM");
  }
  SECTION("the agent died") {
    const RunRecord record = record_of(events({}));
    CHECK(record.exit_code() == 3);
    CHECK(reason(record.cases[2].attempts.at(0)) == "the run stopped before its end");
  }
  SECTION("the machine cannot run tests") {
    const RunRecord record =
        record_of(events({simple("infra", {{"message", "torch cannot be imported"}}), simple("run_finished")}));
    CHECK(record.exit_code() == 3);
    CHECK(reason(record.cases[2].attempts.at(0)) == "torch cannot be imported");
  }
}

TEST_CASE("a case that was running when the agent died says so") {
  const RunRecord record =
      record_of({run_started(two_batches),
                 collected("b2", {{"b::one", "test/test_b.py::B::test_z"}, {"b::two", "test/test_b.py::B::test_z"}}),
                 simple("case_started", {{"batch", "b2"}, {"id", "b::one"}})});
  CHECK(reason(record.cases[0].attempts.at(0)) == "was running when the run stopped before its end");
  CHECK(reason(record.cases[1].attempts.at(0)) == "the run stopped before its end");
  CHECK(record.totals().at("not_run") == 4);
}

TEST_CASE("a file that cannot be imported is itself a case") {
  const RunRecord record =
      record_of({run_started({two_batches[0]}), finished("b1", "test/test_a.py", Outcome::error, "ImportError: x"),
                 simple("batch_finished", {{"batch", "b1"}}), simple("run_finished")});
  CHECK(record.totals().at("collected") == 1);
  CHECK(record.totals().at("error") == 1);
  CHECK(record.not_instantiated.empty());
  CHECK(record.exit_code() == 1);
}

TEST_CASE("a file that cannot be imported in two batches is one case and accounts for both") {
  const RunRecord record =
      record_of({run_started({{"b1", "test/test_a.py", {"u1"}}, {"b2", "test/test_a.py", {"u2"}}}),
                 finished("b1", "test/test_a.py", Outcome::error), finished("b2", "test/test_a.py", Outcome::error)});
  CHECK(record.totals().at("collected") == 1);
  CHECK(record.exit_code() == 1);
}

TEST_CASE("a file that skips itself has no tests that were not instantiated") {
  const RunRecord record =
      record_of({run_started({two_batches[0]}), collected("b1", {}),
                 finished("b1", "test/test_a.py", Outcome::skipped, "no numpy"), simple("run_finished")});
  CHECK(record.not_instantiated.empty());
  CHECK(record.totals().at("skipped") == 1);
  CHECK(record.exit_code() == 0);
}

TEST_CASE("selected tests without a case are listed") {
  const RunRecord record =
      record_of({run_started({two_batches[0]}), collected("b1", {{"x", "test/test_a.py::A::test_x"}}),
                 finished("b1", "x", Outcome::passed), simple("run_finished")});
  CHECK(record.not_instantiated == std::vector<std::string>{"test/test_a.py::A::test_y"});
  CHECK(record.exit_code() == 0);
}

TEST_CASE("a unit whose cases are split over two batches") {
  const std::string unit = "test/test_a.py::A::test_x";
  const std::vector<BatchOf> pieces{{"b1", "test/test_a.py", {unit}}, {"b2", "test/test_a.py", {unit}}};
  SECTION("a piece without a case is no lack") {
    const RunRecord record = record_of({run_started(pieces), collected("b1", {{"x", unit}}), collected("b2", {}),
                                        finished("b1", "x", Outcome::passed)});
    CHECK(record.not_instantiated.empty());
    CHECK(record.totals().at("collected") == 1);
  }
  SECTION("two pieces that never ran are one case") {
    CHECK(record_of({run_started(pieces)}).totals().at("not_run") == 1);
  }
  SECTION("the unit is its own only case, and was run") {
    const RunRecord record =
        record_of({run_started(pieces), collected("b1", {{unit, unit}}), finished("b1", unit, Outcome::passed)});
    CHECK(record.totals().at("collected") == 1);
    CHECK(record.exit_code() == 0);
  }
}

TEST_CASE("a resumed run continues where it stopped") {
  const RunRecord record = record_of(
      {run_started({two_batches[1]}), collected("b2", {{"z", "test/test_b.py::B::test_z"}}),
       simple("infra", {{"message", "card 0 is gone"}}), finished("b2", "z", Outcome::not_run, "card 0 is gone"),
       simple("run_finished", {{"interrupted_by", 2}}),
       simple("run_resumed", {{"started", "2026-11-23T03:35:00.000Z"}}), finished("b2", "z", Outcome::passed),
       simple("run_finished", {{"t", 30.0}})});
  CHECK(record.exit_code() == 0);
  CHECK(record.infra.empty());
  CHECK(record.warnings == std::vector<std::string>{"before the run was resumed: card 0 is gone"});
  CHECK(record.cases.at(0).attempts.size() == 1);
  CHECK_FALSE(record.cases.at(0).flaky());
  CHECK(record.wall_s == 30.0);
}

TEST_CASE("a not_run after an attempt does not hide the attempt") {
  const RunRecord record =
      record_of({run_started({two_batches[1]}), collected("b2", {{"z", "test/test_b.py::B::test_z"}}),
                 finished("b2", "z", Outcome::crashed, "SIGSEGV"),
                 finished("b2", "z", Outcome::not_run, "no card left for another attempt")});
  CHECK(record.cases.at(0).outcome() == Outcome::crashed);
  CHECK(record.exit_code() == 1);
}

TEST_CASE("exit codes") {
  const auto code = [](std::vector<Outcome> outcomes, int signal = 0) {
    std::vector<nlohmann::json> events{run_started({{"b1", "f", {}}}), collected("b1", {})};
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      events.push_back(finished("b1", "c" + std::to_string(i), outcomes[i]));
    events.push_back(signal == 0 ? simple("run_finished") : simple("run_finished", {{"interrupted_by", signal}}));
    return record_of(events).exit_code();
  };
  CHECK(code({Outcome::passed, Outcome::skipped, Outcome::xfailed, Outcome::xpassed}) == 0);
  CHECK(code({Outcome::passed, Outcome::failed}) == 1);
  CHECK(code({Outcome::error}) == 1);
  CHECK(code({Outcome::crashed}) == 1);
  CHECK(code({Outcome::timed_out}) == 1);
  CHECK(code({Outcome::passed, Outcome::not_run}) == 3);
  CHECK(code({Outcome::failed, Outcome::not_run}) == 3);
  CHECK(code({}) == 4);
  CHECK(code({Outcome::failed, Outcome::not_run}, 2) == 130);
  CHECK(code({Outcome::passed}, 15) == 143);
}

TEST_CASE("invalid events are refused with the field's name") {
  const auto start = run_started(two_batches);
  CHECK(error_of({nlohmann::json::array()}).message == "invalid event: not an object");
  CHECK(error_of({simple("infra", {{"message", "x"}})}).message == "'infra' comes before 'run_started'");
  CHECK(error_of({start, start}).message == "the run is started a second time");
  CHECK(error_of({start, {{"t", 1}}}).message == "\"event\" is missing");
  CHECK(error_of({start, simple("infra", {{"message", 3}})}).message == "\"message\" must be a text");
  CHECK(error_of({start, simple("batch_started", {{"batch", "b9"}})}).message == "unknown batch 'b9'");
  CHECK(error_of({start, simple("batch_finished", {{"batch", "b1"}, {"t", "now"}})}).message ==
        "\"t\" must be a number");
  CHECK(error_of({start, simple("case_finished", {{"batch", "b1"}, {"id", "x"}, {"outcome", "great"}})}).message ==
        "unknown outcome 'great'");
  CHECK(error_of({start, simple("batch_collected", {{"batch", "b1"}, {"cases", "x"}})}).message ==
        "\"cases\" must be a list");
  CHECK(error_of({run_started({two_batches[0], two_batches[0]})}).message == "duplicate batch 'b1'");
}

TEST_CASE("a journal of another format version is refused with a remedy") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  for (const char* schema : {"spyre-ci/journal@0", "spyre-ci/journal@2"}) {
    auto start = run_started(two_batches);
    start["schema"] = schema;
    const auto run_dir = journal_with(*directory, start.dump() + "\n");
    const auto record = read_record(run_dir);
    REQUIRE_FALSE(record);
    CHECK(exit_code(record.error().kind) == 2);
    CHECK(record.error().message == fmt::format("{}:1: the journal has the schema '{}', expected 'spyre-ci/journal@1'",
                                                (run_dir / "journal.jsonl").string(), schema));
    CHECK(record.error().hint ==
          "use the version of spyre-ci that started the run, or start the run again in another directory");
    // It must not be reported as damaged, and no lines are removed.
    const auto damage = drop_damaged_lines(run_dir);
    REQUIRE_FALSE(damage);
    CHECK(damage.error().message == record.error().message);
    CHECK(damage.error().hint == record.error().hint);
    CHECK(read_file(run_dir / "journal.jsonl").value() == start.dump() + "\n");
  }
}

TEST_CASE("unknown events and fields are ignored") {
  const RunRecord record = record_of({run_started({two_batches[1]}), simple("coffee", {{"cups", 2}}),
                                      simple("batch_started", {{"batch", "b2"}, {"colour", "red"}})});
  CHECK(record.batches.at(0).started);
}

TEST_CASE("the journal is read back from the run directory") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  {
    auto journal = Journal::open(directory->path() / "run");
    REQUIRE(journal);
    REQUIRE(journal->append(*read_event(run_started({two_batches[1]}))));
    REQUIRE(journal->append(*read_event(finished("b2", "z", Outcome::failed, "caf\xC3\xA9 \xFF"))));
    REQUIRE(journal->sync());
  }
  const auto record = read_record(directory->path() / "run");
  REQUIRE(record);
  CHECK(record->cases.at(0).attempts.at(0).message == "caf\xC3\xA9 \xEF\xBF\xBD");
}

TEST_CASE("errors in a journal have the line number") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const std::string start = run_started(two_batches).dump() + "\n";
  const auto message = [&](const std::string& text) {
    const auto record = read_record(journal_with(*directory, text));
    REQUIRE_FALSE(record);
    CHECK(record.error().kind == ErrorKind::invalid);
    return record.error().message.substr(directory->path().string().size() + 1);
  };
  CHECK(message("") == "journal.jsonl is empty: no run was started");
  CHECK(message(start + "not json\n") == "journal.jsonl:2: this is not valid JSON");
  CHECK(message(start + std::string(5, '\0') + "\n") == "journal.jsonl:2: this is not valid JSON");
  CHECK(message(start + start) == "journal.jsonl:2: the run is started a second time");
  CHECK(message("{\"event\": \"run_started\"}\n") == "journal.jsonl:1: \"schema\" is missing");
}

TEST_CASE("damaged lines are removed on request, and kept in another file") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const std::string start = run_started({two_batches[1]}).dump() + "\n";
  const std::string good = finished("b2", "y", Outcome::passed).dump() + "\n";
  const std::string text = start + "not json\n" + good + start + good.substr(0, 20) + "\n";
  const auto run_dir = journal_with(*directory, text);
  REQUIRE_FALSE(read_record(run_dir));
  CHECK(read_record(run_dir).error().hint.find("resume --skip-damaged") != std::string::npos);
  const auto damage = drop_damaged_lines(run_dir);
  REQUIRE(damage);
  CHECK(damage->lines == std::vector<std::size_t>{2, 4, 5});
  CHECK(read_file(run_dir / "journal.jsonl").value() == start + good);
  CHECK(read_file(run_dir / "journal.damaged.jsonl").value() == text);
  CHECK(read_record(run_dir)->totals().at("passed") == 1);
  CHECK(drop_damaged_lines(run_dir)->lines.empty());
  CHECK(drop_damaged_lines(journal_with(*directory, "{\n" + good)).error().kind == ErrorKind::invalid);
}

TEST_CASE("a missing journal is not_found") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const auto record = read_record(directory->path());
  REQUIRE_FALSE(record);
  CHECK(record.error().kind == ErrorKind::not_found);
}

TEST_CASE("a torn last line is left out") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const std::string start = run_started({two_batches[1]}).dump() + "\n";
  const auto record = read_record(journal_with(*directory, start + finished("b2", "z", Outcome::passed).dump()));
  REQUIRE(record);
  CHECK(record->totals().at("passed") == 0);
  CHECK(record->totals().at("not_run") == 1);
}

TEST_CASE("cases only over the budget make exit code 1, and keep their cause") {
  const Cause budget{Cause::Kind::budget, 600};
  nlohmann::json late = finished("b1", "test/test_a.py::A::test_y", Outcome::not_run);
  late["cause"] = to_json(budget);
  const std::vector<nlohmann::json> events{
      run_started(two_batches),
      collected("b1", {{"test/test_a.py::A::test_x", "test/test_a.py::A::test_x"},
                       {"test/test_a.py::A::test_y", "test/test_a.py::A::test_y"}}),
      finished("b1", "test/test_a.py::A::test_x", Outcome::passed),
      late,
      simple("batch_finished", {{"batch", "b1"}}),
      simple("batch_not_run", {{"batch", "b2"}, {"cause", to_json(budget)}}),
      simple("run_finished")};
  RunRecord record = record_of(events);
  CHECK(record.over_budget() == 2);
  CHECK(record.exit_code() == 1);
  for (std::size_t i = 1; i < record.cases.size(); ++i) {
    CHECK(record.cases[i].attempts.back().cause == budget);
    CHECK(record.cases[i].attempts.back().message.empty());
    CHECK(reason(record.cases[i].attempts.back()) == "over the budget of 10 min 00 s");
  }
  record.cases[2].attempts.back().cause = {Cause::Kind::run_limit, 600};
  CHECK(record.exit_code() == 3);
  record.cases[2].attempts.back().cause = budget;
  record.infra = {"a card is lost"};
  CHECK(record.exit_code() == 3);
  record.interrupted_by = 15;
  CHECK(record.exit_code() == 143);
}

TEST_CASE("a cause that is unknown to this version is none, and a reason may come without a cause") {
  nlohmann::json later = finished("b1", "test/test_a.py::A::test_x", Outcome::not_run, "of the future");
  later["cause"] = {{"kind", "solar_flare"}};
  const RunRecord record = record_of({run_started(two_batches), later});
  CHECK(record.cases[0].attempts.back().cause == Cause{});
  CHECK(reason(record.cases[0].attempts.back()) == "of the future");
  CHECK(record.exit_code() == 3);
  CHECK(error_of({run_started(two_batches), simple("batch_not_run", {{"batch", "b1"}, {"cause", {{"kind", 7}}}})})
            .message.find("kind") != std::string::npos);
}

TEST_CASE("cases over the budget may run when the run is resumed") {
  const RunRecord record =
      record_of({run_started(two_batches),
                 simple("batch_not_run", {{"batch", "b1"}, {"cause", to_json(Cause{Cause::Kind::budget, 600})}}),
                 simple("run_finished"), simple("run_resumed")});
  for (const BatchRecord& batch : record.batches) CHECK_FALSE(batch.is_dropped());
  CHECK(record.over_budget() == 0);
}
