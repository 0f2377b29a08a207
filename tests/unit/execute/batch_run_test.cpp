// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/batch_run.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
using results::Attempt;
using results::Outcome;

namespace {

// A batch over a made-up file, and its results.
struct Bench {
  plan::Batch batch{"b1", "test/test_x.py", {}, 1, 1, 0, 1};
  RunKnowledge knowledge;
  Actions out;
  BatchRun run{batch, 5, knowledge};

  static std::vector<ChosenCase> cases(const std::vector<std::string>& names) {
    std::vector<ChosenCase> chosen;
    for (const std::string& name : names) {
      chosen.push_back({static_cast<int>(chosen.size()), "test/test_x.py::" + name, "test/test_x.py::unit", false});
    }
    return chosen;
  }
  void collect(const std::vector<std::string>& names) { run.collected({{}, 1, {}}, cases(names), 1, out); }
  void start(int index) { run.started(index, out); }
  void finish(int index, Outcome outcome = Outcome::passed) { run.finished({index, outcome, 0.5, "m", "d", "o"}, out); }
  void pass(int index) {
    start(index);
    finish(index);
  }
  void crash(const std::string& message = "crashed: SIGSEGV") {
    run.child_ended({Outcome::crashed, 1, message, {}, {}, -1}, out);
  }
  bool done() { return run.finish_if_done(out); }

  template <typename Note>
  std::vector<Note> notes() const {
    std::vector<Note> found;
    for (const Action& action : out) {
      if (const auto* note = std::get_if<Note>(&action)) found.push_back(*note);
    }
    return found;
  }
  // Return "name=outcome" of each attempt, in order.
  std::vector<std::string> results() const {
    std::vector<std::string> lines;
    for (const auto& note : notes<note::CaseFinished>()) {
      const std::string name = note.id.substr(note.id.find("::") == std::string::npos ? 0 : note.id.find("::") + 2);
      lines.push_back(name + "=" + std::string(results::name(note.attempt.outcome)));
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("cases are run in slices, in order, and the batch is finished") {
  Bench bench;
  bench.collect({"a", "b", "c"});
  CHECK(bench.run.next_slice(2) == std::vector<int>{0, 1});
  bench.pass(0);
  bench.pass(1);
  bench.crash("not to be used");
  CHECK(bench.run.slice_results().size() == 2);
  CHECK_FALSE(bench.done());
  CHECK(bench.run.next_slice(2) == std::vector<int>{2});
  bench.pass(2);
  CHECK(bench.done());
  CHECK(bench.results() == Lines{"a=passed", "b=passed", "c=passed"});
  CHECK(bench.notes<note::BatchCollected>().size() == 1);
  CHECK(bench.notes<note::BatchFinished>().size() == 1);
  CHECK(bench.notes<note::CaseFinished>()[0].attempt.card == 5);
}

TEST_CASE("a crash is blamed on the running case, and the rest continues") {
  Bench bench;
  bench.collect({"a", "b", "c", "d"});
  bench.run.next_slice(10);
  bench.pass(0);
  bench.start(1);
  bench.crash();
  CHECK(bench.results() == Lines{"a=passed", "b=crashed"});
  CHECK(bench.run.next_slice(10) == std::vector<int>{2, 3});
}

TEST_CASE("a child that ends before it begins is retried once, then its first case is to blame") {
  Bench bench;
  bench.collect({"a", "b"});
  bench.run.next_slice(10);
  bench.crash();
  CHECK(bench.results().empty());
  CHECK(bench.run.next_slice(10) == std::vector<int>{0, 1});
  bench.crash();
  CHECK(bench.results() == Lines{"a=crashed"});
  CHECK(bench.run.next_slice(10) == std::vector<int>{1});
}

TEST_CASE("a child that ends after its last case causes no failure") {
  Bench bench;
  bench.collect({"a"});
  bench.run.next_slice(10);
  bench.pass(0);
  bench.crash();
  CHECK(bench.done());
  CHECK(bench.results() == Lines{"a=passed"});
}

TEST_CASE("cases that a child skipped without an event run afterwards") {
  Bench bench;
  bench.collect({"a", "b", "c"});
  bench.run.next_slice(10);
  bench.pass(1);
  bench.crash();
  CHECK(bench.run.next_slice(10) == std::vector<int>{0, 2});
}

TEST_CASE("a case without a finish event is an error when the next one starts") {
  Bench bench;
  bench.collect({"a", "b"});
  bench.run.next_slice(10);
  bench.start(0);
  bench.pass(1);
  CHECK(bench.results() == Lines{"a=error", "b=passed"});
}

TEST_CASE("failures are retried, each in a child of its own, up to the limit") {
  Bench bench;
  bench.knowledge.retries = 2;
  bench.collect({"a", "b", "c"});
  bench.run.next_slice(10);
  bench.start(0);
  bench.finish(0, Outcome::failed);
  bench.pass(1);
  bench.start(2);
  bench.crash();
  CHECK_FALSE(bench.done());
  CHECK(bench.run.next_slice(10) == std::vector<int>{0});
  bench.pass(0);
  bench.crash("not to be used");
  CHECK(bench.run.next_slice(10) == std::vector<int>{2});
  bench.start(2);
  bench.crash();
  CHECK(bench.run.next_slice(10) == std::vector<int>{2});
  bench.start(2);
  bench.crash();
  CHECK(bench.done());
  CHECK(bench.results() == Lines{"a=failed", "b=passed", "c=crashed", "a=passed", "c=crashed", "c=crashed"});
}

TEST_CASE("skips and expected failures are not retried") {
  Bench bench;
  bench.knowledge.retries = 3;
  bench.collect({"a", "b", "c"});
  bench.run.next_slice(10);
  bench.start(0);
  bench.finish(0, Outcome::skipped);
  bench.start(1);
  bench.finish(1, Outcome::xfailed);
  bench.start(2);
  bench.finish(2, Outcome::xpassed);
  CHECK(bench.done());
}

TEST_CASE("no case is retried once too large a share has failed") {
  Bench bench;
  bench.knowledge.retries = 1;
  bench.knowledge.retry_least = 1;
  bench.knowledge.retry_share = 0.5;
  bench.collect({"a", "b", "c"});
  bench.run.next_slice(10);
  for (int i = 0; i < 3; ++i) {
    bench.start(i);
    bench.finish(i, i == 2 ? Outcome::passed : Outcome::failed);
  }
  CHECK(bench.done());
  CHECK(bench.results() == Lines{"a=failed", "b=failed", "c=passed"});
}

TEST_CASE("a file that could not be collected is one case, whatever happens later") {
  Bench bench;
  bench.knowledge.retries = 3;
  bench.run.not_collected({Outcome::crashed, 1, "crashed during collection: SIGSEGV", {}, {}, -1}, bench.out);
  CHECK(bench.run.is_finished());
  CHECK(bench.results() == Lines{"test/test_x.py=crashed"});
  // Another batch of the file.
  BatchRun second(bench.batch, 6, bench.knowledge);
  second.not_collected({Outcome::crashed, 1, "again", {}, {}, -1}, bench.out);
  CHECK(second.is_finished());
  CHECK(bench.results() == Lines{"test/test_x.py=crashed", "test/test_x.py=not_run"});  // the record drops the second
}

TEST_CASE("errors of collection are cases of their own, once in a run") {
  Bench bench;
  const event::Collected collected{{}, 2, {{"test/test_x.py", Outcome::error, "ImportError", "traceback"}}};
  bench.run.collected(collected, {}, 2, bench.out);
  CHECK(bench.done());
  REQUIRE(bench.results() == Lines{"test/test_x.py=error"});
  CHECK(bench.notes<note::CaseFinished>()[0].attempt.details == "traceback");
  BatchRun second(bench.batch, 6, bench.knowledge);
  second.collected(collected, {}, 2, bench.out);
  CHECK(second.finish_if_done(bench.out));
  CHECK(bench.results() == Lines{"test/test_x.py=error", "test/test_x.py=not_run"});
}

TEST_CASE("losing one worker during collection does not blame the file, losing two does") {
  Bench bench;
  bench.run.worker_lost({Outcome::crashed, 1, "m", {}, {}, -1}, bench.out);
  CHECK_FALSE(bench.run.is_finished());
  REQUIRE(bench.notes<note::Warning>().size() == 1);
  CHECK(bench.notes<note::Warning>()[0].message ==
        "test/test_x.py: m while the file was imported; it is imported again");
  bench.run.worker_lost({Outcome::crashed, 1, "m", {}, {}, -1}, bench.out);
  CHECK(bench.results() == Lines{"test/test_x.py=crashed"});
}

TEST_CASE("a file that is collected again continues by names; missing cases are not run") {
  Bench bench;
  bench.collect({"a", "b", "c"});
  bench.run.next_slice(10);
  bench.pass(0);
  bench.crash();
  bench.run.collected({{}, 1, {}}, {{0, "test/test_x.py::c", "u", false}, {1, "test/test_x.py::new", "u", false}}, 1,
                      bench.out);
  CHECK(bench.results() == Lines{"a=passed", "b=not_run"});
  CHECK(bench.run.next_slice(10) == std::vector<int>{0, 1});
  CHECK(bench.notes<note::BatchCollected>().back().cases.size() == 1);
}

TEST_CASE("pieces of a file with different collections are an error of the file, once in a run") {
  Bench bench;
  std::vector<plan::Batch> pieces(4);
  for (plan::Batch& piece : pieces) {
    piece.id = "b" + std::to_string(piece.piece = static_cast<int>(&piece - pieces.data()));
    piece.file = "test/test_x.py";
    piece.units = {"test/test_x.py::unit"};
    piece.pieces = 4;
  }
  const std::vector<std::vector<std::string>> collections{{"a", "b"}, {"b", "a"}, {"a", "c"}, {"a", "d"}};
  std::vector<std::size_t> errors;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    BatchRun run(pieces[i], 5, bench.knowledge);
    run.collected({collections[i], 1, {}}, {}, 1, bench.out);
    CHECK(run.finish_if_done(bench.out));
    errors.push_back(bench.results().size());
  }
  CHECK(errors == std::vector<std::size_t>{0, 0, 1, 1});
  CHECK(bench.results() == Lines{"test/test_x.py=error"});
  CHECK(bench.notes<note::CaseFinished>()[0].unit == "test/test_x.py::unit");
}

TEST_CASE("cases that finished before the run was resumed do not run again") {
  Bench bench;
  bench.knowledge.retries = 1;
  bench.knowledge.known = {{"test/test_x.py::a", {1, Outcome::passed}},
                           {"test/test_x.py::b", {2, Outcome::failed}},
                           {"test/test_x.py::c", {1, Outcome::crashed}},
                           {"test/test_x.py::d", {0, Outcome::not_run}}};
  bench.collect({"a", "b", "c", "d", "e"});
  CHECK(bench.run.next_slice(10) == std::vector<int>{3, 4});
  bench.pass(3);
  bench.pass(4);
  CHECK_FALSE(bench.done());
  CHECK(bench.run.next_slice(10) == std::vector<int>{2});
  bench.pass(2);
  CHECK(bench.done());
}

TEST_CASE("unexpected results cause a warning and are ignored") {
  Bench bench;
  bench.collect({"a"});
  bench.run.next_slice(10);
  bench.start(77);
  bench.finish(77);
  bench.pass(0);
  bench.finish(0, Outcome::failed);
  CHECK(bench.results() == Lines{"a=passed"});
  CHECK(bench.notes<note::Warning>().size() == 3);
}
