// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/environment.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

const WorkerPlaces places{"/tmp/w/tmp", "/tmp/w/home"};

}  // namespace

TEST_CASE("tests get the listed variables, and no others of the agent's environment") {
  Config::Execute execute;
  execute.environment_pass = {"PATH", "TZ"};
  const Environment agent{{"PATH", "/bin"}, {"HOME", "/root"}, {"JENKINS_URL", "x"}, {"CI", "true"}};
  const auto made = worker_environment(execute, {}, agent, {}, places);
  CHECK(made.variables == Environment{{"PATH", "/bin"},
                                      {"TMPDIR", "/tmp/w/tmp"},
                                      {"HOME", "/tmp/w/home"},
                                      {"PYTHONUSERBASE", "/root/.local"},
                                      {"PYTHONHASHSEED", "0"}});
}

TEST_CASE("Python's hashes are the same in all workers, with a different seed if one is set") {
  Config::Execute execute;
  CHECK(worker_environment(execute, {}, {{"PYTHONHASHSEED", "7"}}, {}, places).variables.at("PYTHONHASHSEED") == "0");
  execute.environment_set = {{"PYTHONHASHSEED", "random"}};
  CHECK(worker_environment(execute, {}, {}, {}, places).variables.at("PYTHONHASHSEED") == "random");
}

TEST_CASE("a secret is withheld even if it is listed") {
  Config::Execute execute;
  execute.environment_pass = {"GITHUB_TOKEN", "JENKINS_NODE_COOKIE", "LANG"};
  const Environment agent{{"GITHUB_TOKEN", "x"}, {"JENKINS_NODE_COOKIE", "y"}, {"LANG", "C"}};
  const auto made = worker_environment(execute, {}, agent, {}, places);
  CHECK(made.withheld == std::vector<std::string>{"GITHUB_TOKEN", "JENKINS_NODE_COOKIE"});
  CHECK(made.variables.count("GITHUB_TOKEN") == 0);
  CHECK(made.variables.at("LANG") == "C");
}

TEST_CASE("later sources win: passed variables, the cards', set ones; the worker's own directories always win") {
  Config::Execute execute;
  execute.environment_pass = {"A", "B", "C"};
  execute.environment_set = {{"C", "set"}, {"TMPDIR", "/elsewhere"}};
  Config::Python python;
  python.path = {"/one", "/two"};
  const auto made = worker_environment(execute, python, {{"A", "agent"}, {"B", "agent"}, {"C", "agent"}},
                                       {{"B", "card"}, {"C", "card"}}, places);
  CHECK(made.variables.at("A") == "agent");
  CHECK(made.variables.at("B") == "card");
  CHECK(made.variables.at("C") == "set");
  CHECK(made.variables.at("TMPDIR") == "/tmp/w/tmp");
  CHECK(made.variables.at("PYTHONPATH") == "/one:/two");
}

TEST_CASE("a worker's mark begins with the run's mark") {
  CHECK(worker_mark_entry("r1", 3) == "SPYRE_CI_WORKER=r1/3");
  CHECK(worker_mark_entry("r1", 3).starts_with(run_mark_entry("r1")));
  CHECK_FALSE(worker_mark_entry("r12", 3).starts_with(run_mark_entry("r1")));
}
