// SPDX-License-Identifier: Apache-2.0
#include "agent/job/run_history.hpp"

#include <filesystem>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::job;

namespace {

Config with_history(const std::string& url) {
  Config config;
  config.history.url = url;
  return config;
}

}  // namespace

TEST_CASE("a job tries to open a history only once; the next job tries again") {
  const auto directory = TemporaryDirectory::create().value();
  const auto file = directory.path() / "history.sqlite";
  const Config config = with_history("sqlite://" + file.string());
  REQUIRE(std::filesystem::create_directory(file));
  RunHistory first(config);
  REQUIRE_FALSE(first.store());
  REQUIRE(std::filesystem::remove(file));
  CHECK_FALSE(first.store());
  CHECK_FALSE(first.durations("cpu"));
  RunHistory second(config);
  CHECK(second.store());
}

TEST_CASE("a history is opened once, and reopened after its release") {
  const auto directory = TemporaryDirectory::create().value();
  const Config config = with_history("sqlite://" + (directory.path() / "history.sqlite").string());
  RunHistory runs(config);
  const auto store = runs.store();
  REQUIRE(store);
  CHECK(runs.store().value() == *store);
  const auto known = runs.durations("cpu");
  REQUIRE(known);
  CHECK(runs.durations("cpu").value() == *known);
  CHECK((*known)->cases.empty());
  runs.release();
  CHECK(runs.store());
}
