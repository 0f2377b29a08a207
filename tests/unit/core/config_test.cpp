// SPDX-License-Identifier: Apache-2.0
#include "agent/core/config.hpp"

#include <cstdlib>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"

using namespace spyre;

namespace {

const std::string defaults = read_file(test::project() / "pipelines/defaults.yaml").value();

Result<Config> load(const std::string& text, const std::vector<std::string>& settings = {}) {
  const auto directory = TemporaryDirectory::create();
  const std::string path = (directory->path() / "c.yaml").string();
  REQUIRE(write_file(path, text));
  auto config = load_config(defaults, path, settings);
  if (!config) {
    // The directory's name differs from run to run.
    std::string& message = config.error().message;
    if (const auto at = message.find(path); at != std::string::npos) message.replace(at, path.size(), "c.yaml");
  }
  return config;
}

}  // namespace

TEST_CASE("the embedded defaults are valid") {
  const auto config = load("");
  REQUIRE(config);
  CHECK(config->pytorch.pinned.empty());  // the defaults name no version
  CHECK(config->execute.isolation == Isolation::automatic);
  CHECK(config->execute.stall_timeout.count() == 300);
  CHECK(config->execute.output_limit == 65536);
  CHECK(config->execute.environment_set.empty());
}

TEST_CASE("a file overlays the defaults, --set overlays the file") {
  const auto config = load("execute: {retries: 3, environment: {set: {A: b}}}\n",
                           {"execute.case_timeout=90s", "execute.environment.set.C=d", "python.path=[x, y]"});
  REQUIRE(config);
  CHECK(config->execute.retries == 3);
  CHECK(config->execute.case_timeout.count() == 90);
  CHECK(config->execute.environment_set == std::map<std::string, std::string>{{"A", "b"}, {"C", "d"}});
  CHECK(config->python.path == std::vector<std::string>{"x", "y"});
}

TEST_CASE("errors in the configuration name the place and the remedy") {
  CHECK(load("execute:\n  retrys: 3\n").error().message ==
        "c.yaml:2:3: unknown key 'execute.retrys'; did you mean 'execute.retries'?");
  CHECK(load("execute:\n  retries: many\n").error().message == "c.yaml:2:12: expected a whole number from 0 to 100");
  CHECK(load("execute: 3\n").error().message == "c.yaml:1:10: expected keys and values");
  CHECK(load("execute: {isolation: sliced}\n").error().message ==
        "c.yaml:1:22: unknown isolation 'sliced'; did you mean 'slice'?");
  CHECK(load("execute: {open_files: 31}\n").error().message == "c.yaml:1:23: 31 open files are too few for a worker");
  CHECK(load("execute: {open_files: 32}\n")->execute.open_files == 32);
  CHECK(load("execute: {stall_timeout: 0s}\n").error().message ==
        "c.yaml:1:26: a limit of 0 would be exceeded at once");
  CHECK(load("execute: {batch_timeout: 0s}\n").has_value());
  CHECK(load("execute: {open_files: 0}\n")->execute.open_files == 0);
  CHECK(load("", {"execute.retrys=1"}).error().kind == ErrorKind::usage);
  CHECK(load("", {"execute.retries"}).error().message == "--set execute.retries: expected key=value");
  CHECK(load_config(defaults, "/does/not/exist.yaml", {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("keys of earlier versions still work") {
  const auto config = load("execute: {case_factor: 7}\ncards: {quarantine: 3m}\n",
                           {"cards.most_lost=2", "execute.case_floor=30s", "relay.answer_timeout=80s"});
  REQUIRE(config);
  CHECK(config->execute.timeout_multiplier == 7);
  CHECK(config->execute.min_case_timeout == Seconds{30});
  CHECK(config->cards.cordon == Seconds{180});
  CHECK(config->cards.max_cordoned == 2);
  CHECK(config->relay.response_timeout == Seconds{80});
}

TEST_CASE("a file named by the environment is read") {
  const auto directory = TemporaryDirectory::create();
  const std::string path = (directory->path() / "c.yaml").string();
  REQUIRE(write_file(path, "execute: {retries: 7}\n"));
  ::setenv("SPYRE_CI_CONFIG", path.c_str(), 1);
  const auto config = load_config(defaults, std::nullopt, {});
  ::unsetenv("SPYRE_CI_CONFIG");
  REQUIRE(config);
  CHECK(config->execute.retries == 7);
}
