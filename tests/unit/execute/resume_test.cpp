// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/resume.hpp"

#include <fstream>

#include <rapidcheck.h>
#include <unistd.h>

#include "agent/execute/environment.hpp"
#include "agent/execute/process_log.hpp"
#include "agent/process/process.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/execute/random_bench.hpp"

using namespace spyre;
using namespace spyre::execute;
using namespace spyre::execute::fake;

namespace {

using Table = std::map<std::string, std::string>;

// The agent dies after this many events.
void die_at(RunBench& bench, int moment) {
  bench.prepare = [moment](World& world) {
    world.chaos = [moment, now = 0](World&) mutable {
      if (++now == moment) throw AgentDied{};
    };
  };
}

results::RunRecord run_in(RunBench& bench, const TemporaryDirectory& directory) {
  auto record = bench.run_in(directory.path());
  if (!record) throw std::runtime_error(record.error().message);
  return *record;
}

bool is_final(const results::CaseResult& each, int retries) {
  if (each.outcome() == results::Outcome::not_run) return false;
  return !results::is_failure(each.outcome()) || static_cast<int>(each.attempts.size()) > retries;
}

}  // namespace

TEST_CASE("an interrupted run continues where it was") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"h", Does::hang}, {"b", Does::pass}}});
  bench.add_file("test_b.py", {{{"c", Does::fail}}});
  // The agent dies while it waits for the hanging case.
  bench.prepare = [&](World& world) {
    world.chaos = [&](World&) {
      if (bench.clock.steady() > SteadyTime{} + std::chrono::seconds{5}) throw AgentDied{};
    };
  };
  const auto before = run_in(bench, *directory);
  CHECK(outcomes(before) == Table{{"a", "passed"}, {"h", "not_run"}, {"b", "not_run"}, {"unit", "not_run"}});

  bench.prepare = {};
  const auto record = run_in(bench, *directory);
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"h", "timed_out"}, {"b", "passed"}, {"c", "failed"}});
  CHECK(bench.starts.count("test_a.py::a") == 0);
  CHECK(record.finished);
}

TEST_CASE("a finished run has no work left") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.add_file("test_b.py", {{}, Import::error});
  const auto first = run_in(bench, *directory);
  const auto second = run_in(bench, *directory);
  CHECK(outcomes(second) == outcomes(first));
  CHECK(bench.started_workers == 0);
}

TEST_CASE("cases that lacked a card run when the run is resumed") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  bench.prepare = [](World& world) { world.broken_cards = {0}; };
  CHECK(run_in(bench, *directory).exit_code() == 3);
  bench.prepare = {};
  const auto record = run_in(bench, *directory);
  CHECK(outcomes(record) == Table{{"a", "passed"}});
  CHECK(record.exit_code() == 0);
}

TEST_CASE("a different plan is refused, and nothing is written") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::pass}}});
  run_in(bench, *directory);
  const auto size = std::filesystem::file_size(directory->path() / "journal.jsonl");

  RunBench other;
  other.add_file("test_b.py", {{{"a", Does::pass}}});
  auto refused = other.run_in(directory->path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::usage);

  RunBench revision;
  revision.add_file("test_a.py", {{{"a", Does::pass}}});
  revision.plan.revision = "0123";
  CHECK(revision.run_in(directory->path()).error().message.find("0123") != std::string::npos);
  CHECK(std::filesystem::file_size(directory->path() / "journal.jsonl") == size);
}

TEST_CASE("deaths of the agent count against the running cases") {
  namespace event = results::event;
  const auto deaths_during = [](const std::vector<results::Event::What>& events) {
    Deaths deaths;
    for (const results::Event::What& what : events) deaths.see({0, what});
    return deaths.counted();
  };
  const event::CaseStarted start{"b1", "x"};
  CHECK(deaths_during({start, event::CaseStarted{"b2", "y"}, event::CaseFinished{"b2", "y", "y", {}},
                       event::RunResumed{}, start}) == std::map<std::string, int>{{"x", 2}});
  // A stop is not a death.
  CHECK(deaths_during({start, event::RunFinished{15}}).empty());
}

TEST_CASE("a case during which the agent dies repeatedly is given up, or the run would never end") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  RunBench bench;
  bench.add_file("test_a.py", {{{"a", Does::pass}, {"deadly", Does::hang}, {"b", Does::pass}}});
  int lives = 0;
  results::RunRecord record;
  do {
    ++lives;
    bench.prepare = [&](World& world) {
      world.chaos = [&](World& here) {
        if (here.starts.count("test_a.py::deadly") > 0 &&
            bench.clock.steady() > SteadyTime{} + std::chrono::seconds{5 * lives}) {
          throw AgentDied{};
        }
      };
    };
    record = run_in(bench, *directory);
  } while (!record.finished && lives < 10);
  CHECK(lives == 4);
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"deadly", "crashed"}, {"b", "passed"}});
}

TEST_CASE("whenever the agent is killed, a resumed run loses no case and repeats none") {
  CHECK(rc::check([] {
    auto directory = TemporaryDirectory::create();
    RC_ASSERT(directory.has_value());
    RunBench bench = random_bench();
    results::RunRecord record;
    for (int life = 0; life < 200; ++life) {
      // Late enough for some progress: earlier deaths are no different.
      die_at(bench, *rc::gen::inRange(5, 60));
      if (life > 20) bench.prepare = {};
      const results::RunRecord before = std::exchange(record, run_in(bench, *directory));
      check_accounting(bench, record);
      for (const auto& each : before.cases) {
        if (!is_final(each, bench.execute.retries)) continue;
        RC_ASSERT(bench.starts.count(each.id) == 0u);
        RC_ASSERT(find_case(record, each.id).attempts.size() == each.attempts.size());
      }
      if (record.finished) break;
    }
    RC_ASSERT(record.finished);
    RC_ASSERT(record.totals().at("not_run") == 0u);
    for (const auto& each : record.cases) {
      RC_ASSERT(static_cast<int>(each.attempts.size()) <= bench.execute.retries + 1);
    }
  }));
}

TEST_CASE("remains of a dead agent are found by its log and its mark, and ended") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  auto log = ProcessLog::open(directory->path());
  REQUIRE(log.has_value());
  const auto start = [](const Environment& environment) {
    process::ProcessOptions options;
    options.argv = {"/bin/sleep", "1000"};
    options.environment = environment;
    auto process = process::Process::start(options);
    REQUIRE(process.has_value());
    return std::move(*process);
  };
  process::Process logged = start({});
  log->add_leader(logged.pid());
  process::Process marked = start({{std::string(worker_mark_name), worker_mark("run-7", 0)}});
  process::Process stranger = start({{std::string(worker_mark_name), worker_mark("run-77", 0)}});
  auto places = TemporaryDirectory::create();
  REQUIRE(places.has_value());
  log->add_directory(places->path());
  // Only the working directory, in a directory of the run, identifies this process.
  process::ProcessOptions without_marks;
  without_marks.argv = {"/bin/sleep", "1000"};
  without_marks.cwd = places->path();
  auto started = process::Process::start(without_marks);
  REQUIRE(started.has_value());
  process::Process hidden = std::move(*started);

  const auto ended = end_leftovers(directory->path(), "run-7", std::chrono::minutes{1});
  REQUIRE(ended.has_value());
  CHECK(ended->ended == 2);
  CHECK(ended->seen == std::vector<pid_t>{hidden.pid()});
  CHECK_FALSE(hidden.try_wait().has_value());
  CHECK(logged.wait().signal == SIGKILL);
  // A child that was found only by its mark is adopted: kill_tree() itself has waited for it.
  CHECK(process::find_process(marked.pid()).pid == 0);
  marked.abandon();
  CHECK_FALSE(stranger.try_wait().has_value());
  CHECK_FALSE(std::filesystem::exists(places->path()));
}

TEST_CASE("a log of another boot, or with reused process numbers, ends no process") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  process::ProcessOptions options;
  options.argv = {"/bin/sleep", "1000"};
  auto process = process::Process::start(options);
  REQUIRE(process.has_value());
  std::filesystem::create_directories(directory->path() / "worker");
  std::ofstream(directory->path() / "worker/processes.jsonl")
      << R"({"boot":"another","pid":)" << process->pid() << R"(,"started":1})"
      << "\n"
      << "not JSON\n"
      << R"({"folder":"/usr"})"
      << "\n";
  const auto ended = end_leftovers(directory->path(), "run-8", std::chrono::minutes{1});
  REQUIRE(ended.has_value());
  CHECK(ended->ended == 0);
  CHECK_FALSE(process->try_wait().has_value());
  CHECK(std::filesystem::exists("/usr"));
}
