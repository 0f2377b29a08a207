// SPDX-License-Identifier: Apache-2.0
#include "agent/results/request.hpp"

#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"

using namespace spyre;
using namespace spyre::results;

namespace {

RunRequest full_request() {
  RunRequest request;
  request.run_id = "r1";
  request.started = "2026-11-22T03:35:00.123Z";
  request.repository = "https://me:ghp_x@github.com/pytorch/pytorch";
  request.asked_revision = "pinned";
  request.revision = "abc";
  request.fraction = 0.25;
  request.only = {"test/test_a*"};
  request.limit = 5;
  request.budget = "3m";
  request.cards = "cpu:2";
  request.shard = 1;
  request.oot_configs = {"x.yaml"};
  request.stack = {"3.13.5", "8.3.5", {"2.6.0", std::string(40, 'a')}, {std::string(40, 'b'), "2.6.0a0"}};
  request.strict_stack = true;
  request.config_file = "c.yaml";
  request.settings = {"execute.retries=2",
                      "relay.token=hunter2",
                      "execute.environment.set.A=b",
                      "execute.environment.set.HF_TOKEN=hunter2",
                      "execute.environment.set={MY_SECRET: hunter2}",
                      "pytorch.repo=https://u:hunter2@host/x"};
  request.directory = "/home/ci";
  request.build = {{"BUILD_NUMBER", "7"}};
  return request;
}

}  // namespace

TEST_CASE("a request is read back, without secrets") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  REQUIRE(write_request(full_request(), directory->path()));
  const auto request = read_request(directory->path());
  REQUIRE(request);
  CHECK(request->run_id == "r1");
  CHECK(request->repository == "https://github.com/pytorch/pytorch");
  CHECK(request->fraction == 0.25);
  CHECK(request->only == std::vector<std::string>{"test/test_a*"});
  CHECK(request->limit == 5);
  CHECK(request->shard == 1);
  CHECK(request->settings ==
        std::vector<std::string>{"execute.retries=2", "relay.token=***", "execute.environment.set.A=b",
                                 "execute.environment.set.HF_TOKEN=***", "execute.environment.set=***",
                                 "pytorch.repo=https://***@host/x"});
  CHECK(request->stack == full_request().stack);
  CHECK(request->strict_stack);
  CHECK(request->directory == "/home/ci");
  CHECK(request->build.at("BUILD_NUMBER") == "7");
  const auto text = read_file(directory->path() / "run.json");
  CHECK(text->find("hunter2") == std::string::npos);
  CHECK(text->find("ghp_x") == std::string::npos);
}

TEST_CASE("the run document matches its schema") {
  CHECK(schema_violations(to_json(full_request()), "run").empty());
  RunRequest small;
  small.run_id = "r";
  CHECK(schema_violations(to_json(small), "run").empty());
  nlohmann::json wrong = to_json(small);
  wrong["limit"] = -1;
  CHECK_FALSE(schema_violations(wrong, "run").empty());
}

TEST_CASE("a malformed run document is refused with the field") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  REQUIRE(write_file(directory->path() / "run.json", R"({"schema": "spyre-ci/run@1", "run_id": "r", "limit": "x"})"));
  const auto request = read_request(directory->path());
  REQUIRE_FALSE(request);
  CHECK(request.error().kind == ErrorKind::invalid);
  CHECK(request.error().message == (directory->path() / "run.json").string() + ": \"limit\" must be a count");
}

TEST_CASE("only the variables that name the build are kept") {
  CHECK(build_identity({{"BUILD_NUMBER", "7"}, {"SECRET", "x"}, {"JOB_NAME", "nightly"}}) ==
        std::map<std::string, std::string>{{"BUILD_NUMBER", "7"}, {"JOB_NAME", "nightly"}});
}

TEST_CASE("a rerun command is quoted for a shell") {
  RunRequest request;
  request.repository = "https://host/x";
  request.asked_revision = "main";
  CHECK(rerun_command(request, {"a::b", "c[it's]"}) ==
        "spyre-ci run --repo https://host/x --rev main --fraction 1 --only a::b --only 'c[it'\\''s]'");
}

TEST_CASE("a verdict document matches its schema") {
  const auto document = nlohmann::json::parse(R"({"schema": "spyre-ci/verdict@1", "run_id": "r", "revision": "abc",
      "verdicts": [{"id": "x", "verdict": "flake", "evidence": ["passed at the second attempt"]}]})");
  CHECK(schema_violations(document, "verdict").empty());
  nlohmann::json wrong = document;
  wrong["verdicts"][0]["verdict"] = "cosmic rays";
  CHECK_FALSE(schema_violations(wrong, "verdict").empty());
}

TEST_CASE("the URL of a build") {
  CHECK(build_url({{"BUILD_URL", "https://ci.example/job/a/7/"}, {"GITHUB_RUN_ID", "1"}}) ==
        "https://ci.example/job/a/7/");
  CHECK(
      build_url({{"GITHUB_SERVER_URL", "https://git.example"}, {"GITHUB_REPOSITORY", "o/r"}, {"GITHUB_RUN_ID", "1"}}) ==
      "https://git.example/o/r/actions/runs/1");
  CHECK(build_url({{"BUILD_URL", "https://me:secret@ci.example/7/"}}) == "https://ci.example/7/");
  CHECK(build_url({{"BUILD_URL", "javascript:alert(1)"}}).empty());
  CHECK(build_url({{"BUILD_NUMBER", "7"}}).empty());
}
