// SPDX-License-Identifier: Apache-2.0
#include "agent/results/run_directory.hpp"

#include <fstream>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::results;
namespace fs = std::filesystem;

namespace {

struct Place {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  fs::path run_dir = directory.path() / "deep" / "out";

  void write(const std::string& name, const std::string& text = "x") const {
    REQUIRE(write_file(run_dir / name, text));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(run_dir)) {
      found.push_back(entry.path().lexically_relative(run_dir).string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

}  // namespace

TEST_CASE("the lock is the first thing in a run directory, and holds") {
  const Place place;
  const auto directory = RunDirectory::create(place.run_dir);
  REQUIRE(directory);
  CHECK(directory->path() == place.run_dir);
  CHECK(place.names() == std::vector<std::string>{"lock"});
  CHECK(RunDirectory::create(place.run_dir).error().kind == ErrorKind::busy);
  place.write("run.json");
  CHECK(RunDirectory::open(place.run_dir).error().kind == ErrorKind::busy);
}

TEST_CASE("files of a run that did not begin are removed by the next one, wherever it was cut off") {
  const std::vector<std::string> written{
      "selection.json.a1B2c3", "selection.json", "plan.json.ZZZZZZ", "plan.json",
      "run.json.000000",       "run.json",       "oot-config.yaml",  "worker/worker.zip.abcdef",
      "worker/worker.zip",     "logs/",          "journal.jsonl"};
  for (std::size_t count = 0; count <= written.size(); ++count) {
    const Place place;
    REQUIRE(RunDirectory::create(place.run_dir));
    for (std::size_t i = 0; i < count; ++i) {
      if (written[i].back() == '/') {
        fs::create_directories(place.run_dir / written[i]);
      } else {
        place.write(written[i], "{\"event\": \"run_st");
      }
    }
    INFO(count);
    REQUIRE(RunDirectory::create(place.run_dir));
    CHECK(place.names() == std::vector<std::string>{"lock"});
  }
}

TEST_CASE("foreign files are neither removed nor given a lock") {
  for (const char* name : {"precious", "plan.json", "journal.jsonl", "plan.json.toolong", "worker/mine.py"}) {
    const Place place;
    place.write(name);
    const auto refused = RunDirectory::create(place.run_dir);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::usage);
    CHECK(refused.error().message.find("not empty") != std::string::npos);
    CHECK(fs::exists(place.run_dir / name));
    CHECK_FALSE(fs::exists(place.run_dir / "lock"));
  }
}

TEST_CASE("a foreign file next to a run's files keeps everything") {
  const Place place;
  REQUIRE(RunDirectory::create(place.run_dir));
  place.write("plan.json");
  place.write("notes.txt");
  CHECK(RunDirectory::create(place.run_dir).error().message.find("notes.txt") != std::string::npos);
  CHECK(fs::exists(place.run_dir / "plan.json"));
}

TEST_CASE("a link with the name of a document is not followed") {
  const Place place;
  REQUIRE(RunDirectory::create(place.run_dir));
  REQUIRE(write_file(place.directory.path() / "precious/file", "x"));
  fs::create_directory_symlink(place.directory.path() / "precious", place.run_dir / "worker");
  CHECK_FALSE(RunDirectory::create(place.run_dir));
  CHECK(fs::exists(place.directory.path() / "precious/file"));
}

TEST_CASE("a directory with a run can only be resumed") {
  const Place place;
  REQUIRE(RunDirectory::create(place.run_dir));
  place.write("run.json");
  place.write("journal.jsonl", "{}\n");
  const auto refused = RunDirectory::create(place.run_dir);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint.find("spyre-ci resume") != std::string::npos);
  CHECK(RunDirectory::open(place.run_dir));
}

TEST_CASE("resume of a run that did not begin says to start it again") {
  const Place place;
  CHECK(RunDirectory::open(place.run_dir).error().kind == ErrorKind::not_found);
  REQUIRE(RunDirectory::create(place.run_dir));
  place.write("plan.json");
  const auto refused = RunDirectory::open(place.run_dir);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(refused.error().hint.find("start it again with the same arguments") != std::string::npos);
}

TEST_CASE("a directory that is moved, removed or replaced is detected") {
  const Place place;
  const auto directory = RunDirectory::create(place.run_dir);
  REQUIRE(directory);
  CHECK(directory->check());
  const fs::path elsewhere = place.directory.path() / "elsewhere";
  fs::rename(place.run_dir, elsewhere);
  CHECK(directory->check().error().kind == ErrorKind::infra);
  CHECK(directory->check().error().hint.find(elsewhere.string()) != std::string::npos);
  fs::create_directory(place.run_dir);
  CHECK_FALSE(directory->check());
  fs::remove_all(elsewhere);
  CHECK(directory->check().error().message.find("removed") != std::string::npos);
}

TEST_CASE("a discarded run directory takes only its own files and directories with it") {
  const Place place;
  {
    auto directory = RunDirectory::create(place.run_dir).value();
    place.write("selection.json");
    directory.discard();
  }
  CHECK(fs::is_empty(place.directory.path()));

  fs::create_directories(place.run_dir);
  {
    auto directory = RunDirectory::create(place.run_dir).value();
    directory.discard();
  }
  CHECK(fs::is_empty(place.run_dir));

  auto directory = RunDirectory::create(place.run_dir).value();
  place.write("notes.txt");
  directory.discard();
  CHECK(place.names() == std::vector<std::string>{"lock", "notes.txt"});
}
