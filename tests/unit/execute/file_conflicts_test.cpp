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

}  // namespace

TEST_CASE("a machine that refuses for a moment costs a moment") {
  const bool slices = GENERATE(false, true);
  RunBench bench;
  bench.cards = 2;
  bench.prepare = [&](World& world) { (slices ? world.refused_slices : world.refused_starts) = 3; };
  for (int i = 0; i < 4; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("passed") == 4);
  for (const auto& [id, times] : bench.starts) CHECK(times == 1);
  CHECK(record.quarantines.empty());
  CHECK(record.infra.empty());
  CHECK(record.exit_code() == 0);
}

TEST_CASE("a machine that refuses again and again ends the run as infrastructure, and no card is to blame") {
  const bool slices = GENERATE(false, true);
  RunBench bench;
  bench.cards = 2;
  bench.prepare = [&](World& world) { (slices ? world.refused_slices : world.refused_starts) = 1000; };
  for (int i = 0; i < 3; ++i)
    bench.add_file("test_" + std::to_string(i) + ".py", {{{"t" + std::to_string(i), Does::pass}}});
  const auto record = bench.run();
  CHECK(record.totals().at("not_run") == 3);
  for (const auto& each : record.cases) {
    CHECK(each.attempts.at(0).message.find("no more processes") != std::string::npos);
  }
  REQUIRE(record.infra.size() == 1);
  CHECK(record.quarantines.empty());
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a case that pytest left out is skipped with its reason, and not run") {
  RunBench bench;
  File file{{{"a", Does::pass}, {"b", Does::fail}}};
  file.left_out = {{1, "deselected by test/conftest.py"}};
  bench.add_file("test_a.py", file);
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "skipped"}});
  CHECK(find_case(record, "test_a.py::b").attempts.at(0).message == "deselected by test/conftest.py");
  CHECK(record.exit_code() == 0);
}
