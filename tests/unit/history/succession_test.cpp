// SPDX-License-Identifier: Apache-2.0
#include "agent/history/succession.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::history;

namespace {

RunInfo run(const std::string& id, const std::string& revision, const std::string& stage = "1") {
  RunInfo info;
  info.run_id = id;
  info.revision = revision;
  info.stage = stage;
  return info;
}

// "before>after", in order.
std::vector<std::string> names(const std::vector<Succession>& pairs) {
  std::vector<std::string> names;
  for (const Succession& pair : pairs) names.push_back(pair.before.run_id + ">" + pair.after.run_id);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("runs of one stage on different revisions follow each other") {
  CHECK(names(successions({run("c", "r3"), run("b", "r2"), run("a", "r1")})) == Names{"a>b", "b>c"});
  // The history returns the newest first. The same revision again is not a change, and a directory does not have one.
  CHECK(names(successions({run("d", "r2"), run("c", "r1"), run("b", ""), run("a", "r1")})) == Names{"c>d"});
  CHECK(names(successions({run("c", "r3", "2"), run("b", "r2", "1"), run("a", "r1", "2")})) == Names{"a>c"});
  CHECK(successions({}).empty());
  CHECK(successions({run("a", "r1")}).empty());
}

TEST_CASE("the overlap is the share of common files") {
  CHECK(overlap({"a", "b", "c"}, {"b"}) == 1);
  CHECK(overlap({"b"}, {"a", "b"}) == 0.5);
  CHECK(overlap({"x"}, {"a", "b"}) == 0);
  CHECK(overlap({}, {"a"}) == 0);
  CHECK(overlap({"a"}, {}) == 0);
}
