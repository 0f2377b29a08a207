// SPDX-License-Identifier: Apache-2.0
// Whole runs without processes: the decisions and their record.
#include "agent/execute/dispatcher.hpp"

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/unit/execute/random_bench.hpp"

using namespace spyre;
using namespace spyre::execute;
using namespace spyre::execute::fake;

namespace {

using Table = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("every kind of case gets its outcome, and so do the cases beside it") {
  RunBench bench;
  bench.execute.memory_limit = std::uint64_t{1} << 30;
  bench.add_file("test_a.py", {{{"p1", Does::pass},
                                {"fails", Does::fail},
                                {"skips", Does::skip},
                                {"crashes", Does::crash},
                                {"p2", Does::pass},
                                {"exits", Does::exit_zero},
                                {"hangs", Does::hang},
                                {"stuck", Does::hang_hard},
                                {"grows", Does::grow},
                                {"murders", Does::kill_host},
                                {"massacres", Does::kill_worker},
                                {"p3", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"p1", "passed"},
                                  {"fails", "failed"},
                                  {"skips", "skipped"},
                                  {"crashes", "crashed"},
                                  {"p2", "passed"},
                                  {"exits", "crashed"},
                                  {"hangs", "timed_out"},
                                  {"stuck", "timed_out"},
                                  {"grows", "crashed"},
                                  {"murders", "crashed"},
                                  {"massacres", "crashed"},
                                  {"p3", "passed"}});
  CHECK(record.finished);
  CHECK(record.exit_code() == 1);
  for (const auto& [id, times] : bench.starts) CHECK(times == 1);
  CHECK(bench.started_workers == 3);  // and one for each that was killed
}

TEST_CASE("a crash costs a fork, not an import") {
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::crash}, {"b", Does::crash}, {"c", Does::crash}, {"d", Does::pass}}});
  bench.run();
  CHECK(bench.opens["test_a.py"] == 1);
  CHECK(bench.started_workers == 1);
}

TEST_CASE("a hang is ended in escalating steps, and its stacks are kept") {
  RunBench bench;
  bench.add_file("test_a.py", {{{"hangs", Does::hang}}});
  auto record = bench.run();
  CHECK(bench.signals == std::vector<int>{SIGUSR1, SIGTERM});
  const auto& attempt = find_case(record, "test_a.py::hangs").attempts.at(0);
  CHECK(reason(attempt) == "not finished after 1 min 00 s");
  CHECK(attempt.details == "Current thread 0x1:\n  File \"hang.py\"");
  CHECK(attempt.duration_s >= 60);

  RunBench hard;
  hard.add_file("test_a.py", {{{"stuck", Does::hang_hard}}});
  hard.run();
  CHECK(hard.signals == std::vector<int>{SIGUSR1, SIGTERM, SIGKILL});
}

TEST_CASE("a case that finishes only because it is stopped has timed out") {
  const auto check = [](RunBench& bench, const std::string& message) {
    bench.add_file("test_a.py", {{{"waits", Does::obey}, {"b", Does::pass}}});
    const auto record = bench.run();
    const auto& attempt = find_case(record, "test_a.py::waits").attempts.at(0);
    CHECK(attempt.outcome == results::Outcome::timed_out);
    CHECK(reason(attempt) == message + "; when it was stopped, it ended as passed");
    CHECK(attempt.details == "Current thread 0x1:\n  File \"hang.py\"");
    CHECK(attempt.output == "its output");
    return outcomes(record).at("b");
  };
  RunBench over_its_limit;
  CHECK(check(over_its_limit, "not finished after 1 min 00 s") == "passed");
  RunBench over_the_batch;
  over_the_batch.execute.batch_timeout = Seconds{30};
  CHECK(check(over_the_batch, "not finished within the batch's limit of 30.0 s") == "not_run");
}

TEST_CASE("silence is a stall if it exceeds the limit before the case's own limit") {
  RunBench bench;
  bench.execute.stall_timeout = Seconds{20};
  bench.add_file("test_a.py", {{{"hangs", Does::hang}}});
  const auto record = bench.run();
  CHECK(reason(find_case(record, "test_a.py::hangs").attempts.at(0)) == "no heartbeat for 20.0 s");
}

TEST_CASE("a case whose worker was ended because of an invalid event gets this reason") {
  RunBench bench;
  bench.add_file("test_a.py", {{{"writes", Does::garble}, {"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"writes", "crashed"}, {"b", "passed"}});
  CHECK(reason(find_case(record, "test_a.py::writes").attempts.at(0)) ==
        "crashed: its worker was stopped, because it sent an invalid event: not an event: {}");
}

TEST_CASE("a child that is silent between cases is ended, and no case is to blame") {
  RunBench bench;
  bench.execute.stall_timeout = Seconds{20};
  bench.add_file("test_a.py", {{{"lingers", Does::linger}, {"b", Does::pass}}});
  CHECK(outcomes(bench.run()) == Table{{"lingers", "passed"}, {"b", "passed"}});
  CHECK(bench.signals == std::vector<int>{SIGUSR1, SIGTERM});
  CHECK(bench.clock.steady() < SteadyTime{} + std::chrono::seconds{60});
}

TEST_CASE("a file that cannot be collected is one case of the run, in all of its batches") {
  RunBench bench;
  bench.execute.retries = 2;
  for (const auto& [path, import] : std::map<std::string, Import>{{"error.py", Import::error},
                                                                  {"skip.py", Import::skip},
                                                                  {"crash.py", Import::crash},
                                                                  {"hang.py", Import::hang},
                                                                  {"kill.py", Import::kill_worker}}) {
    bench.files[path] = {{{"never", Does::pass}}, import};
    bench.add_batch(path, 0, 2);
    bench.add_batch(path, 1, 2);
  }
  bench.add_file("fine.py", {{{"a", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"error.py", "error"},
                                  {"skip.py", "skipped"},
                                  {"crash.py", "crashed"},
                                  {"hang.py", "timed_out"},
                                  {"kill.py", "crashed"},
                                  {"a", "passed"}});
  CHECK(bench.opens["error.py"] == 1);
  CHECK(bench.opens["kill.py"] == 2);  // the first time, the worker may be at fault
  CHECK(record.not_instantiated.empty());
}

TEST_CASE("an import that hangs is ended in escalating steps, and its stacks are kept") {
  for (const Isolation isolation : {Isolation::slice, Isolation::process}) {
    RunBench bench;
    bench.execute.isolation = isolation;
    bench.add_file("hang.py", {{}, Import::hang});
    const auto record = bench.run();
    CHECK(bench.signals == std::vector<int>{SIGUSR1, SIGTERM});
    const auto& attempt = find_case(record, "hang.py").attempts.at(0);
    CHECK(reason(attempt) == "no heartbeat for 5 min 00 s");
    CHECK(attempt.details == "Current thread 0x1:\n  File \"hang.py\"");
    CHECK(attempt.duration_s >= 300);
    CHECK(outcomes(record) == Table{{"hang.py", "timed_out"}});
  }
  RunBench hard;
  hard.add_file("hang.py", {{}, Import::hang_hard});
  hard.add_file("fine.py", {{{"a", Does::pass}}});
  CHECK(outcomes(hard.run()) == Table{{"hang.py", "timed_out"}, {"a", "passed"}});
  CHECK(hard.signals == std::vector<int>{SIGUSR1, SIGTERM, SIGKILL});
  CHECK(hard.started_workers == 1);
}

TEST_CASE("failures are retried in fresh children, and a late pass is flaky") {
  RunBench bench;
  bench.execute.retries = 1;
  bench.add_file("test_a.py",
                 {{{"f", Does::fail}, {"fo", Does::fail_once}, {"co", Does::crash_once}, {"c", Does::crash}}});
  const auto record = bench.run();
  CHECK(outcomes(record) ==
        Table{{"f", "failed,failed"}, {"fo", "failed,passed"}, {"co", "crashed,passed"}, {"c", "crashed,crashed"}});
  CHECK(record.totals().at("flaky") == 2);
}

TEST_CASE("isolation by test gives every case a child of its own") {
  RunBench bench;
  bench.execute.isolation = Isolation::test;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"b", Does::crash}, {"c", Does::pass}}});
  CHECK(outcomes(bench.run()) == Table{{"a", "passed"}, {"b", "crashed"}, {"c", "passed"}});
  CHECK(bench.started_workers == 1);
}

TEST_CASE("isolation by process gives every batch, every crash and every retry a new interpreter") {
  RunBench bench;
  bench.execute.isolation = Isolation::process;
  bench.execute.retries = 1;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"b", Does::crash_once}, {"c", Does::pass}, {"h", Does::hang}}});
  bench.add_file("test_b.py", {{{"d", Does::fail_once}}});
  CHECK(outcomes(bench.run()) == Table{{"a", "passed"},
                                       {"b", "crashed,passed"},
                                       {"c", "passed"},
                                       {"h", "timed_out,timed_out"},
                                       {"d", "failed,passed"}});
  // The first file: up to the crash, up to the hang, a retry of each. The second: once, and its retry.
  CHECK(bench.opens["test_a.py"] == 4);
  CHECK(bench.opens["test_b.py"] == 2);
  CHECK(bench.started_workers == 6);
}

TEST_CASE("memory that grew before a case is not the case's fault: it runs again in a fresh child") {
  RunBench bench;
  bench.execute.memory_limit = 1 << 20;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"grows", Does::grow}, {"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"grows", "crashed"}, {"b", "passed"}});
  CHECK(bench.starts["test_a.py::grows"] == 2);
  CHECK(find_case(record, "test_a.py::grows").attempts.size() == 1);
  CHECK(bench.signals == std::vector<int>{SIGKILL, SIGKILL});
}

TEST_CASE("consecutive batches of one file share its import") {
  RunBench bench;
  bench.files["test_a.py"] = {{{"a", Does::pass}, {"b", Does::pass}, {"c", Does::pass}}};
  for (int piece = 0; piece < 3; ++piece) bench.add_batch("test_a.py", piece, 3);
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}, {"c", "passed"}});
  CHECK(bench.opens["test_a.py"] == 1);
}

TEST_CASE("a batch without cases frees its worker at once") {
  RunBench bench;
  bench.files["test_a.py"] = {{{"a", Does::pass}}};
  for (int piece = 0; piece < 3; ++piece) bench.add_batch("test_a.py", piece, 3);
  bench.add_file("test_b.py", {{{"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}});
  CHECK(record.finished);
}

TEST_CASE("cards share the work, each with one worker") {
  RunBench bench;
  bench.cards = 3;
  for (int i = 0; i < 9; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(record.cases.size() == 9);
  CHECK(bench.started_workers == 3);
  std::set<int> used;
  for (const auto& each : record.cases) used.insert(each.attempts[0].card);
  CHECK(used == std::set<int>{0, 1, 2});
}

TEST_CASE("no more workers start than there is work for") {
  RunBench bench;
  bench.cards = 8;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.run();
  CHECK(bench.started_workers == 1);
}

TEST_CASE("a gang gets its cards at once, even if idle workers hold them") {
  RunBench bench;
  bench.cards = 2;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.add_file("test_b.py", {{{"b", Does::crash}}}, 2);
  bench.add_file("test_c.py", {{{"c", Does::pass}}});
  bench.add_file("test_d.py", {{{"d", Does::pass}}}, 2);
  CHECK(outcomes(bench.run()) == Table{{"a", "passed"}, {"b", "crashed"}, {"c", "passed"}, {"d", "passed"}});
}

TEST_CASE("a gang larger than the machine does not run, with the reason") {
  RunBench bench;
  bench.cards = 2;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.add_file("test_b.py", {{{"b", Does::pass}}}, 4);
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"unit", "not_run"}});
  CHECK(reason(find_case(record, "test_b.py::unit").attempts[0]) == "needs 4 cards, and there are only 2");
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a card on which no worker can be started is cordoned, and its work moves on") {
  RunBench bench;
  bench.cards = 2;
  bench.prepare = [](World& world) { world.broken_cards = {1}; };
  for (int i = 0; i < 4; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"t0", "passed"}, {"t1", "passed"}, {"t2", "passed"}, {"t3", "passed"}});
  // No case was lost, so the run does not fail; but there is a warning.
  REQUIRE(!record.warnings.empty());
  CHECK(record.warnings.back().find("card 1: ") == 0);
  CHECK(record.warnings.back().find("the card does not answer; it is not used for 10 min") != std::string::npos);
  CHECK(record.infra.empty());
  CHECK(record.exit_code() == 0);
}

TEST_CASE(
    "a hardware fault signature in a case's captured output ends the worker, and the rest moves to another card") {
  RunBench bench;
  bench.cards = 2;
  bench.execute.slice = 2;
  bench.add_file("test_a.py",
                 {{{"a", Does::pass}, {"faulty", Does::show_fault}, {"b", Does::pass}, {"c", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"faulty", "failed"}, {"b", "passed"}, {"c", "passed"}});
  REQUIRE(record.cordons.size() == 1);
  const int faulty = find_case(record, "test_a.py::faulty").attempts.at(0).card;
  CHECK(find_case(record, "test_a.py::b").attempts.at(0).card == 1 - faulty);
}

TEST_CASE("a card that recovers is used again after its cordon") {
  RunBench bench;
  bench.cards = 2;
  int starts = 0;
  bench.prepare = [&](World& world) {
    world.broken_cards = {1};
    world.chaos = [&](World& here) {
      if (bench.clock.steady() >= SteadyTime{} + std::chrono::minutes{9}) here.broken_cards.clear();
      starts = std::max(starts, here.started_workers);
    };
  };
  bench.add_file("test_a.py", {{{"a", Does::pass}}}, 2);
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}});
  CHECK(record.exit_code() == 0);
  CHECK(starts == 5);  // of the gang, of each of its cards, of the one that comes back, and of the gang again
}

TEST_CASE("without any card no case runs") {
  RunBench bench;
  bench.prepare = [](World& world) { world.broken_cards = {0}; };
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.add_file("test_b.py", {{{"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("not_run") == 2);
  CHECK(record.exit_code() == 3);
  CHECK(reason(record.cases[0].attempts[0]).find("the card does not answer") != std::string::npos);
}

TEST_CASE("a module that no worker can import ends the run at once, on any number of cards") {
  const auto [cards, files, starts] = GENERATE(table<int, int, int>({
      {1, 5, 1},
      {2, 5, 2},
      {2, 1, 2},
      {128, 200, 128},  // the cards that were started with the first one decide
      {128, 4, 6},
      {128, 1, 3},
  }));
  RunBench bench;
  bench.cards = cards;
  bench.prepare = [](World& world) {
    for (int card = 0; card < 128; ++card) world.unusable_cards.insert(card);
  };
  for (int i = 0; i < files; ++i) bench.add_file("test_" + std::to_string(i) + ".py", {{{"t", Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("not_run") == static_cast<std::size_t>(files));
  CHECK(bench.started_workers == starts);
  REQUIRE(record.infra.size() == 1);
  CHECK(record.infra[0] == "tests cannot be run: ImportError: no torch\nlibtorch.so: cannot open");
  CHECK(record.warnings.empty());
  CHECK(reason(record.cases[0].attempts[0]).find("ImportError: no torch") != std::string::npos);
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a module that cannot be imported on one card counts against the card, not the run") {
  RunBench bench;
  bench.cards = 3;
  bench.prepare = [](World& world) { world.unusable_cards = {1}; };
  Table all;
  for (int i = 0; i < 9; ++i) {
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
    all["t" + std::to_string(i)] = "passed";
  }
  const auto record = bench.run();
  CHECK(outcomes(record) == all);
  CHECK(record.exit_code() == 0);
  CHECK(bench.started_workers == 3);
  REQUIRE(record.warnings.size() == 1);
  CHECK(record.warnings[0].find("card 1: no worker can be used on it: ImportError: no torch") == 0);
}

TEST_CASE("a card on which tests hang is used again if no other card can do its work") {
  RunBench bench;
  bench.cards = 2;
  bench.execute.isolation = Isolation::process;
  bench.prepare = [](World& world) { world.broken_cards = {1}; };
  bench.add_file("test_a.py", {{{"a", Does::hang}, {"b", Does::hang}, {"c", Does::hang}, {"d", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "timed_out"}, {"b", "timed_out"}, {"c", "timed_out"}, {"d", "passed"}});
  CHECK(record.exit_code() == 1);
  CHECK(record.infra.empty());
  CHECK(record.warnings.back() == "card 0: no other card can be used; it is used again");
}

TEST_CASE("a faulty card in a gang is found, and the others continue") {
  const bool unusable = GENERATE(false, true);
  RunBench bench;
  bench.cards = 4;
  bench.prepare = [&](World& world) { (unusable ? world.unusable_cards : world.broken_cards) = {1}; };
  bench.add_file("test_a.py", {{{"a", Does::pass}}}, 3);
  bench.add_file("test_b.py", {{{"b", Does::pass}}});
  bench.add_file("test_c.py", {{{"c", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}, {"c", "passed"}});
  CHECK(record.exit_code() == 0);
  REQUIRE(record.cordons.size() == 1);
  CHECK(record.cordons[0].card == 1);
  CHECK(bench.clock.steady() < SteadyTime{} + std::chrono::minutes{1});
}

TEST_CASE("a gang that needs a faulty card waits for it once; healthy cards run the rest") {
  RunBench bench;
  bench.cards = 3;
  bench.prepare = [](World& world) { world.broken_cards = {2}; };
  bench.add_file("test_a.py", {{{"a", Does::pass}}}, 3);
  for (int i = 0; i < 6; ++i) bench.add_file("test_" + std::to_string(i) + ".py", {{{"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("passed") == 6);
  for (const auto& each : record.cordons) CHECK(each.card == 2);
  CHECK(record.cordons.size() == 2);
  CHECK(reason(find_case(record, "test_a.py::unit").attempts[0])
            .find("needs 3 cards, and only 2 of 3 can be used: card 2: ") == 0);
  CHECK(record.exit_code() == 3);
}

TEST_CASE("gangs that cannot be started although each card works do not run, and single cards continue") {
  RunBench bench;
  bench.cards = 4;
  bench.prepare = [](World& world) { world.no_gangs = true; };
  bench.add_file("test_a.py", {{{"a", Does::pass}}}, 2);
  bench.add_file("test_b.py", {{{"b", Does::pass}}}, 2);
  for (int i = 0; i < 6; ++i) bench.add_file("test_" + std::to_string(i) + ".py", {{{"c", Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("passed") == 6);
  CHECK(record.totals().at("not_run") == 2);
  CHECK(record.cordons.empty());
  // Once for each time that gangs are given up, possibly one after the other.
  CHECK((record.infra.size() == 1 || record.infra.size() == 2));
  for (const std::string& line : record.infra) CHECK(line.starts_with("no worker can be started on 2 cards at once: "));
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a card on which every case hangs is found, and other cards do its work") {
  const int retries = GENERATE(0, 1);
  const Isolation isolation = GENERATE(Isolation::slice, Isolation::process);
  RunBench bench;
  bench.cards = 3;
  bench.execute.retries = retries;
  bench.execute.isolation = isolation;
  bench.knowledge.retry_share = 1;
  bench.prepare = [](World& world) { world.dead_cards = {1}; };
  for (int f = 0; f < 12; ++f) {
    File file;
    for (int c = 0; c < 4; ++c) file.cases.emplace_back("t" + std::to_string(c), Does::pass);
    bench.add_file("test_" + std::to_string(f) + ".py", file);
  }
  const auto record = bench.run();
  std::size_t hung = 0;
  for (const auto& each : record.cases) {
    for (const auto& attempt : each.attempts) {
      if (attempt.outcome != results::Outcome::timed_out) continue;
      CHECK(attempt.card == 1);
      ++hung;
    }
  }
  CHECK(hung == 3);  // each in a different case
  CHECK(record.totals().at("passed") == (retries > 0 ? 48 : 45));
  REQUIRE(record.cordons.size() == 1);
  CHECK(record.cordons[0].card == 1);
  CHECK(bench.clock.steady() < SteadyTime{} + std::chrono::minutes{5});
}

TEST_CASE("files full of tests that hang cordon no card for long, and never all cards") {
  const int cards = GENERATE(1, 2, 4);
  const int retries = GENERATE(0, 1);
  const int pieces = GENERATE(1, 4);
  CAPTURE(cards, retries, pieces);
  RunBench bench;
  bench.cards = cards;
  bench.execute.retries = retries;
  bench.knowledge.retry_share = 1;
  for (int f = 0; f < 2; ++f) {
    File file;
    for (int c = 0; c < 8; ++c) file.cases.emplace_back("h" + std::to_string(c), Does::hang);
    bench.files["test_h" + std::to_string(f) + ".py"] = file;
    for (int p = 0; p < pieces; ++p) bench.add_batch("test_h" + std::to_string(f) + ".py", p, pieces);
  }
  for (int f = 0; f < 8; ++f) bench.add_file("test_" + std::to_string(f) + ".py", {{{"p", Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("timed_out") == 16);
  CHECK(record.totals().at("passed") == 8);
  CHECK(record.infra.empty());
  // Last attempts run alone, so a case that hung on one card hangs on the other only later: for a while both are
  // suspects.
  CHECK(record.cordons.size() <= (retries == 0 ? 2 : 16));
  if (retries == 1) CHECK(bench.clock.steady() < SteadyTime{} + 2 * 16 * std::chrono::seconds{62});
  for (const auto& each : record.cases) {
    CHECK(each.attempts.size() ==
          (each.outcome() == results::Outcome::passed ? 1u : 1u + static_cast<std::size_t>(retries)));
  }
}

TEST_CASE("a case that hung is retried on another card, or on its own card if there is no other") {
  RunBench bench;
  bench.execute.retries = 1;
  bench.add_file("test_a.py", {{{"hangs", Does::hang}, {"a", Does::pass}}});
  const auto alone = bench.run();
  CHECK(outcomes(alone) == Table{{"hangs", "timed_out,timed_out"}, {"a", "passed"}});
  CHECK(bench.opens["test_a.py"] == 1);

  bench.cards = 2;
  const auto record = bench.run();
  const auto& attempts = find_case(record, "test_a.py::hangs").attempts;
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].card != attempts[1].card);
  CHECK(bench.opens["test_a.py"] == 2);
  CHECK(record.cordons.empty());
}

TEST_CASE("waiting for another card does not count against a batch's time") {
  RunBench bench;
  bench.cards = 2;
  bench.execute.retries = 1;
  bench.execute.batch_timeout = Seconds{100};
  bench.prepare = [](World& world) { world.dead_cards = {1}; };
  // Card 0 is free for the second file when that should have been done.
  bench.add_file("test_a.py", {{{"h1", Does::hang}, {"h2", Does::hang}, {"a", Does::pass}}});
  bench.add_file("test_b.py", {{{"b", Does::pass}}});
  const auto record = bench.run();
  CHECK(find_case(record, "test_b.py::b").outcome() == results::Outcome::passed);
}

TEST_CASE("a crash is retried on its card if a case has passed there since") {
  RunBench bench;
  bench.cards = 2;
  bench.execute.retries = 1;
  bench.add_file("test_a.py", {{{"crashes", Does::crash}, {"a", Does::pass}}});
  bench.run();
  CHECK(bench.opens["test_a.py"] == 1);

  bench.prepare = [](World& world) { world.crashing_cards = {0}; };
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"crashes", "crashed,crashed"}, {"a", "crashed,passed"}});
}

TEST_CASE("a stop request ends the run within two seconds, and everything is accounted for") {
  RunBench bench;
  bench.cards = 2;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"h", Does::hang_hard}, {"b", Does::pass}}});
  bench.add_file("test_b.py", {{{"c", Does::pass}}});
  bench.add_file("test_c.py", {{{"d", Does::hang}}});
  bench.add_file("test_d.py", {{{"e", Does::pass}}});
  SteadyTime asked{};
  bench.prepare = [&](World& world) {
    world.chaos = [&](World& here) {
      if (asked != SteadyTime{} || bench.clock.steady() < SteadyTime{} + std::chrono::seconds{10}) return;
      asked = bench.clock.steady();
      here.interrupt(SIGTERM);
    };
  };
  const auto record = bench.run();
  CHECK(bench.clock.steady() - asked <= std::chrono::seconds{2});
  CHECK(record.interrupted_by == SIGTERM);
  CHECK(record.exit_code() == 143);
  CHECK_FALSE(record.finished);
  const auto table = outcomes(record);
  CHECK(table.at("a") == "passed");
  CHECK(table.at("b") == "not_run");
  CHECK(table.at("h") == "not_run");
  CHECK(reason(find_case(record, "test_a.py::h").attempts[0]).find("SIGTERM") != std::string::npos);
}

TEST_CASE("the time limit of a run leaves the rest not run, with the reason") {
  RunBench bench;
  bench.execute.run_timeout = Seconds{30};
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"h", Does::hang}, {"b", Does::pass}}});
  bench.add_file("test_b.py", {{{"c", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"h", "not_run"}, {"b", "not_run"}, {"unit", "not_run"}});
  CHECK(find_case(record, "test_b.py::unit").attempts[0].cause == results::Cause{results::Cause::Kind::run_limit, 30});
  CHECK(record.exit_code() == 3);
}

TEST_CASE("the time limit of a batch ends its running case, and leaves its rest not run") {
  RunBench bench;
  bench.execute.batch_timeout = Seconds{30};
  bench.add_file("test_a.py",
                 {{{"a", Does::pass}, {"hangs", Does::hang}, {"b", Does::pass}, {"c", Does::pass}, {"d", Does::pass}}});
  bench.add_file("test_b.py", {{{"e", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"},
                                  {"hangs", "timed_out"},
                                  {"b", "not_run"},
                                  {"c", "not_run"},
                                  {"d", "not_run"},
                                  {"e", "passed"}});
  CHECK(reason(find_case(record, "test_a.py::hangs").attempts.at(0)) ==
        "not finished within the batch's limit of 30.0 s");
  CHECK(find_case(record, "test_a.py::d").attempts.at(0).cause ==
        results::Cause{results::Cause::Kind::batch_limit, 30});
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a file whose collection exceeds its batch's limit is not collected") {
  RunBench bench;
  bench.execute.batch_timeout = Seconds{30};
  bench.add_file("test_a.py", {{{"a", Does::pass}}, Import::hang});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"test_a.py", "timed_out"}});
}

TEST_CASE("losing the cards to another agent ends the run as an infrastructure error") {
  RunBench bench;
  bench.add_file("test_a.py", {{{"hangs", Does::hang}, {"b", Does::pass}}});
  bench.add_file("test_b.py", {{{"c", Does::pass}}});
  int calls = 0;
  bench.keep_cards = [&]() -> Result<void> {
    if (++calls < 3) return {};
    return fail(ErrorKind::busy, "card 0 is in use by another");
  };
  const auto record = bench.run();
  CHECK(calls >= 3);
  CHECK(record.exit_code() == 3);
  REQUIRE(record.infra.size() == 1);
  CHECK(record.infra[0] == "card 0 is in use by another");
  CHECK(outcomes(record)["b"] == "not_run");
  CHECK(bench.started_workers == 1);
}

TEST_CASE("no case is retried if the build is broken") {
  RunBench bench;
  bench.execute.retries = 1;
  File file;
  for (int i = 0; i < 100; ++i) file.cases.emplace_back("t" + std::to_string(i), i < 50 ? Does::fail : Does::pass);
  bench.add_file("test_a.py", file);
  const auto record = bench.run();
  CHECK(record.totals().at("failed") == 50);
  for (const auto& [name, times] : bench.starts) CHECK(times == 1);
}

TEST_CASE("in any world every case gets its expected outcome") {
  CHECK(rc::check([] {
    RunBench bench = random_bench();
    const auto record = bench.run();
    check_accounting(bench, record);
    RC_ASSERT(record.totals().at("not_run") == 0u);
    RC_ASSERT(record.infra.empty());
    for (const auto& [path, file] : bench.files) {
      if (file.import != Import::fine) {
        RC_ASSERT(find_case(record, path).attempts.size() == 1u);
        continue;
      }
      for (const auto& [name, does] : file.cases) {
        RC_ASSERT(std::string(results::name(find_case(record, id_of(path, name)).outcome())) == expected(does));
      }
    }
  }));
}

TEST_CASE("whatever process dies and whenever the run is stopped, every case is accounted for") {
  CHECK(rc::check([] {
    RunBench bench = random_bench();
    // Deaths of workers at random moments, and perhaps a stop.
    auto moments = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(0, 200));
    const int stop_at = *rc::gen::inRange(0, 400);
    const int dead_card = *rc::gen::inRange(0, 8);
    int moment = 0;
    bench.prepare = [&](World& world) {
      world.dead_cards = {dead_card};
      world.chaos = [&](World& here) {
        ++moment;
        if (moment == stop_at) here.interrupt(SIGINT);
        const auto living = here.living();
        if (!living.empty() && std::find(moments.begin(), moments.end(), moment) != moments.end()) {
          here.lose(living[static_cast<std::size_t>(moment) % living.size()]);
        }
      };
    };
    const auto record = bench.run();
    check_accounting(bench, record);
    if (moment >= stop_at) return;
    // Only a card that fails repeatedly, and a file that cannot be collected, may leave cases unrun: both are reported.
    if (!record.infra.empty()) return;
    for (const auto& each : record.cases) {
      if (each.outcome() != results::Outcome::not_run) continue;
      RC_ASSERT(results::is_failure(find_case(record, each.id.substr(0, each.id.find("::"))).outcome()));
    }
  }));
}

TEST_CASE("with some faulty cards every case runs as long as one card is healthy") {
  CHECK(rc::check([] {
    RunBench bench = random_bench();
    const bool gangs = *rc::gen::arbitrary<bool>();
    for (plan::Batch& batch : bench.plan.batches) batch.cards = gangs ? batch.cards : 1;
    const int well = *rc::gen::inRange(0, bench.cards);
    const auto faults =
        *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(bench.cards), rc::gen::inRange(0, 5));
    bench.prepare = [&](World& world) {
      for (int card = 0; card < bench.cards; ++card) {
        const int fault = card == well ? 0 : faults[static_cast<std::size_t>(card)];
        if (fault == 1) world.broken_cards.insert(card);
        // On three of them the set-up would be blamed.
        if (fault == 2 && world.unusable_cards.size() < 2) world.unusable_cards.insert(card);
        if (fault == 3) world.dead_cards.insert(card);
        if (fault == 4) world.crashing_cards.insert(card);
      }
    };
    const auto record = bench.run();
    check_accounting(bench, record);
    RC_ASSERT(gangs || record.totals().at("not_run") == 0u);
    RC_ASSERT(gangs || record.infra.empty());
  }));
}
