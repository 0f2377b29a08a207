// SPDX-License-Identifier: Apache-2.0
// Real workers on a tree of hostile tests (tests/fixtures/hostile): needs Debian's python3 with pytest.
#include "agent/execute/run.hpp"

#include <csignal>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/execute/environment.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/project.hpp"
#include "tests/unit/execute/run_bench.hpp"
#include "testsel/inventory.hpp"

using namespace spyre;
using namespace spyre::execute;
namespace fs = std::filesystem;

namespace {

using Table = std::map<std::string, std::string>;

// A run of some files of the tree, each as one batch.
struct Real {
  TemporaryDirectory directory = TemporaryDirectory::create("spyre-ci-run-").value();
  DirectoryTree tree{test::fixtures() / "hostile"};
  SystemClock clock;
  Observer quiet;
  plan::Plan plan;
  RunOptions options;

  explicit Real(const std::vector<std::string>& names, int cards = 1) {
    options.execute.case_timeout = Seconds{2};
    options.execute.stall_timeout = Seconds{20};
    options.execute.grace = Seconds{0.3};
    options.execute.slice = 200;
    options.execute.output_limit = 1 << 16;
    options.execute.cgroup = "auto";
    options.execute.environment_pass = {"PATH", "SECRET_TOKEN"};
    options.execute.environment_set = {{"MARKS", directory.path().string()}};
    options.python.executable = "/usr/bin/python3";
    options.source = test::fixtures() / "hostile";
    options.run_dir = directory.path() / "run";
    options.run_id = "run-test-" + std::to_string(::getpid());
    options.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/root"}, {"SECRET_TOKEN", "never seen"}};
    options.card_environment = [](const std::vector<cards::Card>& gang) {
      return std::map<std::string, std::string>{{"CARD", "card " + std::to_string(gang.front().index)}};
    };
    for (int i = 0; i < cards; ++i) {
      options.cards.emplace_back().index = i;
      options.cards.back().kind = "cpu";
    }
    for (const std::string& name : names) add(name);
  }

  void add(const std::string& name) {
    plan::Batch batch;
    batch.id = "b" + std::to_string(plan.batches.size());
    batch.file = "test/" + name;
    const auto file = testsel::read_test_file(tree, std::string(batch.file));
    REQUIRE(file.has_value());
    for (const testsel::Test& test : file->tests) batch.units.emplace_back(test.id);
    std::sort(batch.units.begin(), batch.units.end());
    batch.estimate_s = 1;
    plan.batches.push_back(batch);
    plan.shards.resize(1);
    plan.shards[0].batches.push_back(batch.id);
  }

  static std::set<pid_t> children() {
    std::set<pid_t> found;
    for (const process::ProcessInfo& process : process::list_processes()) {
      if (process.parent == ::getpid()) found.insert(process.pid);
    }
    return found;
  }

  void check_journal() const {
    const JsonSchema schema("journal");
    std::ifstream journal(options.run_dir / "journal.jsonl");
    for (std::string line; std::getline(journal, line);) {
      INFO(line);
      CHECK(schema.violations(nlohmann::json::parse(line)) == "");
    }
  }

  results::RunRecord run() { return run(quiet); }
  results::RunRecord run(Observer& observer) {
    const std::set<pid_t> before = children();
    auto record = run_plan(plan, options, tree, clock, observer);
    if (!record) FAIL(record.error().message);
    // The invariant, and the proof that no process is left.
    const auto totals = record->totals();
    std::size_t sum = 0;
    for (const auto name : results::outcome_names) sum += totals.at(std::string(name));
    CHECK(totals.at("collected") == sum);
    CHECK(process::with_environment(process::list_processes(), run_mark_entry(options.run_id)).empty());
    for (const pid_t child : children()) CHECK(before.contains(child));
    check_journal();
    return *record;
  }
};

using fake::find_case;
using fake::outcomes;

}  // namespace

TEST_CASE("real workers: every outcome of pytest", "[real]") {
  Real real({"test_outcomes.py"});
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"TestOutcomes::test_passes", "passed"},
                                  {"TestOutcomes::test_fails", "failed"},
                                  {"TestOutcomes::test_skips", "skipped"},
                                  {"TestOutcomes::test_fails_as_expected", "xfailed"},
                                  {"test_error_in_set_up", "error"},
                                  {"test_passes_unexpectedly", "xpassed"},
                                  {"test_passes_against_a_strict_expectation", "failed"},
                                  {"test_parameters[1]", "passed"},
                                  {"test_parameters[2]", "failed"},
                                  {"test_parameters[3]", "passed"},
                                  {"test_last", "passed"}});
  const results::CaseResult failed = find_case(record, "test/test_outcomes.py::TestOutcomes::test_fails");
  CHECK(failed.unit == "test/test_outcomes.py::TestOutcomes::test_fails");
  CHECK(failed.attempts[0].message.find("1 != 2") != std::string::npos);
  CHECK(failed.attempts[0].details.find("assertEqual") != std::string::npos);
  CHECK(failed.attempts[0].output.find("said before the failure") != std::string::npos);
  CHECK(find_case(record, "test/test_outcomes.py::test_parameters[2]").unit ==
        "test/test_outcomes.py::test_parameters");
  CHECK(record.warnings ==
        std::vector<std::string>{"SECRET_TOKEN is not passed to tests: its name marks it as a secret"});
  CHECK(record.exit_code() == 1);
  CHECK_FALSE(fs::exists(real.options.run_dir / "junit-slices"));
}

TEST_CASE("real workers: crashes of every kind, in every isolation", "[real]") {
  const auto isolation = GENERATE(Isolation::slice, Isolation::test, Isolation::process);
  Real real({"test_crashes.py"});
  real.options.execute.isolation = isolation;
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"test_before", "passed"},
                                  {"test_segfaults", "crashed"},
                                  {"test_between", "passed"},
                                  {"test_aborts", "crashed"},
                                  {"test_exits_with_zero", "crashed"},
                                  {"test_exits_with_three", "crashed"},
                                  {"test_raises_system_exit", "failed"},
                                  {"test_raises_keyboard_interrupt", "failed"},
                                  {"test_after", "passed"}});
  const auto& segfault = find_case(record, "test/test_crashes.py::test_segfaults").attempts[0];
  CHECK(reason(segfault) == "crashed: SIGSEGV");
  CHECK(segfault.details.find("test_crashes.py") != std::string::npos);
  CHECK(reason(find_case(record, "test/test_crashes.py::test_exits_with_zero").attempts[0]) ==
        "crashed: the test ended its process with exit code 0");
}

TEST_CASE("real workers: a hanging case is timed out with its stack, even if it ignores signals", "[real]") {
  Real real({"test_hangs.py"});
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"test_before", "passed"},
                                  {"test_sleeps", "timed_out"},
                                  {"test_sleeps_deaf", "timed_out"},
                                  {"test_after", "passed"}});
  const auto& hang = find_case(record, "test/test_hangs.py::test_sleeps").attempts[0];
  CHECK(reason(hang) == "not finished after 2.0 s");
  CHECK(hang.details.find("in test_sleeps") != std::string::npos);
}

TEST_CASE("real workers: tests that damage their surroundings affect no other test", "[real]") {
  Real real({"test_escapes.py"});
  const auto record = real.run();
  for (const results::CaseResult& each : record.cases) {
    INFO(each.id << ": " << reason(each.attempts[0]) << "\n" << each.attempts[0].details);
    CHECK(each.outcome() == results::Outcome::passed);
  }
  CHECK(record.cases.size() == 9);
}

TEST_CASE("real workers: a file that cannot be collected is one case", "[real]") {
  Real real({"test_import_error.py", "test_import_crash.py", "test_import_exit.py", "test_import_hang.py",
             "test_module_skip.py", "test_not_instantiated.py"});
  real.options.execute.stall_timeout = Seconds{8};
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"test/test_import_error.py", "error"},
                                  {"test/test_import_crash.py", "crashed"},
                                  {"test/test_import_exit.py", "crashed"},
                                  {"test/test_import_hang.py", "timed_out"},
                                  {"test/test_module_skip.py", "skipped"},
                                  {"test_here", "passed"}});
  CHECK(record.not_instantiated ==
        std::vector<std::string>{"test/test_not_instantiated.py::TestDevices::test_only_elsewhere"});
  CHECK(reason(find_case(record, "test/test_import_error.py").attempts[0]).find("a_module_that_nobody_has") !=
        std::string::npos);
}

TEST_CASE("real workers: a test that kills its worker is blamed, and a new worker continues", "[real]") {
  Real real({"test_kills_its_own.py"});
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"test_before", "passed"},
                                  {"test_kills_its_parent", "crashed"},
                                  {"test_between", "passed"},
                                  {"test_kills_its_grandparent", "crashed"},
                                  {"test_after", "passed"}});
}

TEST_CASE("real workers: a pass after a failure is flaky", "[real]") {
  Real real({"test_flaky.py"});
  real.options.execute.retries = 1;
  const auto record = real.run();
  CHECK(outcomes(record) == Table{{"test_fails_once", "failed,passed"},
                                  {"test_crashes_once", "crashed,passed"},
                                  {"test_fails_always", "failed,failed"}});
  CHECK(record.totals().at("flaky") == 2);
}

TEST_CASE("real workers: two cards share the files", "[real]") {
  Real real({"test_crashes.py", "test_outcomes.py", "test_escapes.py"}, 2);
  real.options.card_environment = [](const std::vector<cards::Card>&) {
    return std::map<std::string, std::string>{{"CARD", "card 0"}};
  };
  const auto record = real.run();
  CHECK(record.cases.size() == 29);
  std::set<int> cards;
  for (const auto& each : record.cases) cards.insert(each.attempts[0].card);
  CHECK(cards == std::set<int>{0, 1});
}

TEST_CASE("real workers: a stop request leaves a complete journal and no process", "[real]") {
  // Sends SIGTERM to this process as soon as the first case is done.
  struct Stopper : Observer {
    void case_finished(const std::string&, const results::Attempt&, const Progress&) override {
      if (!asked) ::kill(::getpid(), SIGTERM);
      asked = true;
    }
    bool asked = false;
  } stopper;
  Real real({"test_hangs.py", "test_crashes.py"});
  real.options.execute.case_timeout = Seconds{600};
  real.options.execute.stall_timeout = Seconds{600};
  const auto began = std::chrono::steady_clock::now();
  const auto record = real.run(stopper);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{60});
  CHECK(record.interrupted_by == SIGTERM);
  CHECK(record.exit_code() == 143);
  CHECK(find_case(record, "test/test_hangs.py::test_before").outcome() == results::Outcome::passed);
  CHECK(find_case(record, "test/test_crashes.py::test_before").outcome() == results::Outcome::not_run);
  CHECK(outcomes(record).at("test_sleeps") == "not_run");
  CHECK(record.totals().at("not_run") == 3 + 9);
}

TEST_CASE("a run directory that holds a run is not overwritten") {
  Real real({"test_flaky.py"});
  fs::create_directories(real.options.run_dir);
  std::ofstream(real.options.run_dir / "journal.jsonl") << "{}\n";
  const auto record = run_plan(real.plan, real.options, real.tree, real.clock, real.quiet);
  REQUIRE_FALSE(record.has_value());
  CHECK(record.error().kind == ErrorKind::usage);
  CHECK(read_file(real.options.run_dir / "journal.jsonl").value() == "{}\n");
}

TEST_CASE("a run whose directory is removed ends, and creates no other", "[real]") {
  Real real({"test_hangs.py"});
  real.options.execute.case_timeout = Seconds{600};
  real.options.execute.stall_timeout = Seconds{600};
  real.options.check_run_dir = [&]() -> Result<void> {
    fs::remove_all(real.options.run_dir);
    return fail(ErrorKind::infra, "gone");
  };
  const auto record = run_plan(real.plan, real.options, real.tree, real.clock, real.quiet);
  REQUIRE_FALSE(record.has_value());
  CHECK(record.error().message == "gone");
  CHECK_FALSE(fs::exists(real.options.run_dir));
  CHECK(process::with_environment(process::list_processes(), run_mark_entry(real.options.run_id)).empty());
}

TEST_CASE("a gang larger than the machine is refused before any file is written") {
  Real real({"test_outcomes.py"});
  real.plan.batches[0].cards = 4;
  const auto refused = run_plan(real.plan, real.options, real.tree, real.clock, real.quiet);
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(refused.error().message == "b0 of test/test_outcomes.py needs 4 cards at once, and there is 1");
  CHECK(!fs::exists(real.options.run_dir));
}

TEST_CASE("a shard that the plan does not have is a usage error") {
  Real real({"test_flaky.py"});
  real.options.shard = 7;
  CHECK(run_plan(real.plan, real.options, real.tree, real.clock, real.quiet).error().kind == ErrorKind::usage);
  CHECK_FALSE(fs::exists(real.options.run_dir));
}
