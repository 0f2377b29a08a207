// SPDX-License-Identifier: Apache-2.0
// Whole runs without a process: files that cannot be run in forked children, cases that must not run beside others, and
// a machine that refuses.
#include "tests/support/catch.hpp"
#include "tests/unit/execute/random_bench.hpp"

using namespace spyre;
using namespace spyre::execute;
using namespace spyre::execute::fake;

namespace {

using Table = std::map<std::string, std::string>;

File file_of(std::vector<std::pair<std::string, Does>> cases, event::ForkCheck fork) {
  File file{std::move(cases)};
  file.fork = std::move(fork);
  return file;
}

const event::ForkCheck device_is_open{{true, false, false, {}}, {}, 0};
const event::ForkCheck has_threads{{}, {"a thread"}, 0};

// Several pieces of one file, each on a card of its own.
RunBench pieces_of(File file, int pieces) {
  RunBench bench;
  bench.cards = pieces;
  bench.execute.slice = 2;
  bench.files["test_a.py"] = std::move(file);
  for (int piece = 0; piece < pieces; ++piece) bench.add_batch("test_a.py", piece, pieces);
  return bench;
}

File file_with(int cases, Does does) {
  File file;
  for (int i = 0; i < cases; ++i) file.cases.emplace_back("t" + std::to_string(i), does);
  return file;
}

}  // namespace

TEST_CASE("a file that opens the device runs in the interpreter that imports it, and this is reported once") {
  RunBench bench;
  for (const std::string name : {"a", "b"}) {
    bench.add_file("test_" + name + ".py",
                   file_of({{name + "1", Does::pass}, {name + "2", Does::unforkable}}, device_is_open));
  }
  bench.add_file("test_c.py", {{{"c", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) ==
        Table{{"a1", "passed"}, {"a2", "passed"}, {"b1", "passed"}, {"b2", "passed"}, {"c", "passed"}});
  CHECK(bench.opens == std::map<std::string, int>{{"test_a.py", 2}, {"test_b.py", 2}, {"test_c.py", 1}});
  for (const auto& [id, times] : bench.starts) CHECK(times == 1);
  REQUIRE(record.warnings.size() == 1);
  CHECK(record.warnings[0].find("the device is open; its cases run in the interpreter") != std::string::npos);
  CHECK(record.exit_code() == 0);
}

TEST_CASE("later batches of a file that opens the device do not import it twice") {
  RunBench bench;
  bench.files["test_a.py"] = file_of({{"a", Does::pass}, {"b", Does::pass}, {"c", Does::pass}}, device_is_open);
  for (int piece = 0; piece < 3; ++piece) bench.add_batch("test_a.py", piece, 3);
  CHECK(outcomes(bench.run()) == Table{{"a", "passed"}, {"b", "passed"}, {"c", "passed"}});
  CHECK(bench.opens["test_a.py"] == 4);
}

TEST_CASE("threads of an import mean process if isolation is automatic, and a warning otherwise") {
  const auto [isolation, opens] = GENERATE(table<Isolation, int>(
      {{Isolation::automatic, 2}, {Isolation::slice, 1}, {Isolation::test, 1}, {Isolation::process, 1}}));
  RunBench bench;
  bench.execute.isolation = isolation;
  bench.add_file("test_a.py", file_of({{"a", Does::pass}}, has_threads));
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}});
  CHECK(bench.opens["test_a.py"] == opens);
  CHECK(record.warnings.size() == (isolation == Isolation::process ? 0 : 1));
}

TEST_CASE("processes of an import only cause a warning") {
  RunBench bench;
  bench.add_file("test_a.py", file_of({{"a", Does::pass}}, {{}, {}, 2}));
  const auto record = bench.run();
  CHECK(bench.opens["test_a.py"] == 1);
  CHECK(record.warnings.size() == 1);
}

TEST_CASE("an error that a fork caused does not count as an attempt") {
  const auto isolation = GENERATE(Isolation::automatic, Isolation::slice, Isolation::test);
  RunBench bench;
  bench.execute.isolation = isolation;
  bench.execute.retries = 1;
  bench.add_file("test_a.py",
                 {{{"a", Does::pass}, {"b", Does::unforkable}, {"c", Does::unforkable}, {"d", Does::fail}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}, {"c", "passed"}, {"d", "failed,failed"}});
  CHECK(bench.starts["test_a.py::a"] == 1);
  CHECK(record.warnings.size() == 1);
}

TEST_CASE("a device that the preload opens means process for every file, without a second import") {
  RunBench bench;
  bench.prepare = [](World& world) { world.device = {true, false, true, {}}; };
  bench.add_file("test_a.py", {{{"a", Does::unforkable}}});
  bench.add_file("test_b.py", {{{"b", Does::unforkable}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}});
  CHECK(bench.opens == std::map<std::string, int>{{"test_a.py", 1}, {"test_b.py", 1}});
  CHECK(record.warnings.size() == 1);
}

TEST_CASE("serial cases run while no other piece of their file runs") {
  File file = file_with(24, Does::pass);
  for (int i = 0; i < 24; i += 3) file.serial.insert(i);
  RunBench bench = pieces_of(file, 4);
  bench.add_file("test_b.py", file_with(4, Does::skip));
  const auto record = bench.run();
  CHECK(record.totals().at("passed") == 24);
  CHECK_FALSE(bench.overlaps.empty());
  for (const auto& [one, other] : bench.overlaps) {
    CHECK(std::stoi(one.substr(1)) % 3 != 0);
    CHECK(std::stoi(other.substr(1)) % 3 != 0);
  }
  for (const auto& [id, times] : bench.starts) CHECK(times == 1);
}

TEST_CASE("a file whose cases are all serial runs one piece at a time") {
  File file = file_with(12, Does::pass);
  for (int i = 0; i < 12; ++i) file.serial.insert(i);
  RunBench bench = pieces_of(file, 3);
  CHECK(bench.run().totals().at("passed") == 12);
  CHECK(bench.overlaps.empty());
}

TEST_CASE("last attempts run while no other piece of their file runs") {
  RunBench bench = pieces_of(file_with(12, Does::fail_once), 3);
  bench.execute.retries = 1;
  const auto record = bench.run();
  for (const auto& [name, attempts] : outcomes(record)) CHECK(attempts == "failed,passed");
  CHECK_FALSE(bench.overlaps.empty());
  CHECK(bench.repeated_overlaps.empty());
}

TEST_CASE("gangs wait for each other, too") {
  File file = file_with(8, Does::pass);
  for (int i = 0; i < 8; ++i) file.serial.insert(i);
  RunBench bench;
  bench.cards = 4;
  bench.files["test_a.py"] = file;
  for (int piece = 0; piece < 2; ++piece) bench.add_batch("test_a.py", piece, 2, 2);
  CHECK(bench.run().totals().at("passed") == 8);
  CHECK(bench.overlaps.empty());
}

TEST_CASE("a machine that refuses for a moment costs only that time") {
  const bool slices = GENERATE(false, true);
  RunBench bench;
  bench.cards = 2;
  bench.prepare = [&](World& world) { (slices ? world.refused_slices : world.refused_starts) = 3; };
  for (int i = 0; i < 4; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("passed") == 4);
  for (const auto& [id, times] : bench.starts) CHECK(times == 1);
  CHECK(record.cordons.empty());
  CHECK(record.infra.empty());
  CHECK(record.exit_code() == 0);
}

TEST_CASE("a machine that refuses repeatedly ends the run as an infrastructure error, and no card is to blame") {
  const bool slices = GENERATE(false, true);
  RunBench bench;
  bench.cards = 2;
  bench.prepare = [&](World& world) { (slices ? world.refused_slices : world.refused_starts) = 1000; };
  for (int i = 0; i < 3; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("not_run") == 3);
  for (const auto& each : record.cases) {
    CHECK(reason(each.attempts.at(0)).find("no more processes") != std::string::npos);
  }
  REQUIRE(record.infra.size() == 1);
  CHECK(record.cordons.empty());
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a case that pytest left out is skipped with its reason, and does not run") {
  RunBench bench;
  File file{{{"a", Does::pass}, {"b", Does::fail}}};
  file.left_out = {{1, "deselected by test/conftest.py"}};
  bench.add_file("test_a.py", file);
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "skipped"}});
  CHECK(reason(find_case(record, "test_a.py::b").attempts.at(0)) == "deselected by test/conftest.py");
  CHECK(record.exit_code() == 0);
}
