// SPDX-License-Identifier: Apache-2.0
#include "agent/job/job.hpp"

#include <filesystem>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::job;
namespace fs = std::filesystem;

namespace {

struct Nobody final : Watcher {
  std::unique_ptr<execute::Observer> follow(const plan::Plan&, const Clock&) override { return nullptr; }
  void finished(const JobResult&) override {}
};

}  // namespace

TEST_CASE("a job that fails before its run begins leaves no files") {
  const auto directory = TemporaryDirectory::create().value();
  Setup setup;
  setup.directory = directory.path();
  Nobody nobody;
  JobRequest request;
  request.cards = "no such cards";
  for (const std::string run_dir : {"", "deep/out"}) {
    request.run_dir = run_dir;
    const auto result = job::run(request, setup, nobody);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(fs::is_empty(directory.path()));
  }
}

TEST_CASE("a job locks its run directory before anything else") {
  const auto directory = TemporaryDirectory::create().value();
  const auto other = results::RunDirectory::create(directory.path() / "out").value();
  Setup setup;
  setup.directory = directory.path();
  Nobody nobody;
  JobRequest request;
  request.cards = "no such cards";
  request.run_dir = "out";
  CHECK(job::run(request, setup, nobody).error().kind == ErrorKind::busy);
  CHECK(fs::exists(directory.path() / "out/lock"));
}

TEST_CASE("a resumed run has its own settings, except the given ones and those of the relay") {
  const auto directory = TemporaryDirectory::create().value();
  results::RunRequest request;
  request.run_id = "one";
  request.settings = {"execute.retries=2", "relay.url=https://a.example", "history.url=sqlite:///a", "junit.tags=true"};
  REQUIRE(results::write_request(request, directory.path()));
  const auto run = Resumption::open(directory.path());
  REQUIRE(run);
  CHECK(run->request().run_id == "one");
  CHECK(run->settings({"history.url=sqlite:///b"}) ==
        std::vector<std::string>{"execute.retries=2", "junit.tags=true", "history.url=sqlite:///b"});
  CHECK(Resumption::open(directory.path()).error().kind == ErrorKind::busy);
}
