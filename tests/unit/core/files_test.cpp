// SPDX-License-Identifier: Apache-2.0
#include "agent/core/files.hpp"

#include <array>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/file_tree.hpp"
#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
namespace fs = std::filesystem;

TEST_CASE("write_file replaces the whole file and leaves no other file beside it") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "deep" / "file.txt";
  REQUIRE(write_file(path, "one"));
  REQUIRE(write_file(path, "two"));
  CHECK(read_file(path).value() == "two");
  CHECK(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a file that is too large is refused before memory is allocated") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "sparse";
  std::ofstream(path).put('x');
  fs::resize_file(path, std::uintmax_t{1} << 40);
  CHECK(read_file(path, 1 << 20).error().kind == ErrorKind::invalid);
  CHECK(read_file(path).error().kind == ErrorKind::invalid);
}

TEST_CASE("JSON that is nested too deeply is refused before a recursive function sees it") {
  const std::size_t deep = 1'000'000;
  for (const std::string& text : {std::string(deep, '['), std::string(deep, '[') + std::string(deep, ']')}) {
    const auto parsed = parse_json(text, "x");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == "x: nested deeper than 200 levels");
    CHECK(parse_json_or_discard(text).is_discarded());
  }
  CHECK(parse_json(std::string(200, '[') + std::string(200, ']'), "x"));
  CHECK(parse_json('"' + std::string(deep, '[') + '"', "x"));
  CHECK(parse_json_or_discard("[1]").is_array());
}

TEST_CASE("a write that fails halfway is an error, and the old file stays") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "file";
  REQUIRE(write_file(path, "old"));
  // In a process of its own: a limit on the size of files stands in for a full disk.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{8, 8};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto written = write_file(path, std::string(100, 'x'));
    const bool told = !written && written.error().kind == ErrorKind::io &&
                      written.error().message.find(path.string()) != std::string::npos;
    ::_exit(told ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(read_file(path).value() == "old");
  CHECK(std::distance(fs::directory_iterator(directory->path()), fs::directory_iterator()) == 1);
}

TEST_CASE("output goes into a device or a pipe, and replaces a file") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "file", link = directory->path() / "link",
                 pipe = directory->path() / "pipe";
  REQUIRE(write_output(path, "one"));
  fs::create_symlink("file", link);
  REQUIRE(write_output(link, "two"));
  CHECK(fs::is_symlink(link));
  CHECK(read_file(path).value() == "two");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const UniqueFd reader(::open(pipe.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(write_output(pipe, "three"));
  std::array<char, 16> got{};
  CHECK(::read(reader.get(), got.data(), got.size()) == 5);
  CHECK(fs::is_fifo(pipe));
  CHECK(write_output("/dev/full", "x").error().kind == ErrorKind::io);
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("read_file distinguishes a missing file, a directory and a large file") {
  const auto directory = TemporaryDirectory::create();
  CHECK(read_file(directory->path() / "none").error().kind == ErrorKind::not_found);
  CHECK(read_file(directory->path()).error().kind == ErrorKind::invalid);
  REQUIRE(write_file(directory->path() / "big", std::string(100, 'x')));
  CHECK(read_file(directory->path() / "big", 99).error().kind == ErrorKind::invalid);
  CHECK(read_file(directory->path() / "big", 100).value().size() == 100);
}

TEST_CASE("a line log cuts off a torn last line") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "log";
  std::ofstream(path) << "one\ntwo\ntorn";
  auto log = LineLog::open(path);
  REQUIRE(log);
  REQUIRE(log->append("three"));
  REQUIRE(log->sync());
  CHECK(read_file(path).value() == "one\ntwo\nthree\n");
}

TEST_CASE("a torn line of any length is found in a log of any size") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "log";
  for (const std::size_t torn :
       {std::size_t{0}, std::size_t{1}, std::size_t{65'535}, std::size_t{65'536}, std::size_t{200'000}}) {
    std::ofstream(path, std::ios::trunc) << "one\ntwo\n" << std::string(torn, 'x');
    REQUIRE(LineLog::open(path));
    CHECK(read_file(path).value() == "one\ntwo\n");
    std::ofstream(path, std::ios::trunc) << std::string(torn, 'x');
    REQUIRE(LineLog::open(path));
    CHECK(read_file(path).value().empty());
  }
  // Larger than the limit of read_file(); sparse, so that it takes no disk space.
  std::ofstream(path, std::ios::trunc) << "one\n";
  fs::resize_file(path, std::uintmax_t{3} << 30);
  std::ofstream(path, std::ios::app) << "\ntorn";
  REQUIRE(LineLog::open(path));
  CHECK(fs::file_size(path) == (std::uintmax_t{3} << 30) + 1);
}

TEST_CASE("a lock is held by one process and freed when it ends") {
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "lock";
  {
    const auto lock = FileLock::try_take(path);
    REQUIRE(lock);
    const auto second = FileLock::try_take(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::busy);
    CHECK(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(FileLock::try_take(path));
  CHECK(FileLock::take(path));
}

TEST_CASE("a temporary directory is removed with its object") {
  fs::path path;
  {
    const auto directory = TemporaryDirectory::create();
    path = directory->path();
    REQUIRE(write_file(path / "a" / "b", "x"));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a directory and a value are both trees of files") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(write_file(directory->path() / "test" / "b.py", "b"));
  REQUIRE(write_file(directory->path() / "test" / "a" / "c.py", "c"));
  const DirectoryTree on_disk(directory->path());
  const MemoryTree memory({{"test/b.py", "b"}, {"test/a/c.py", "c"}, {"testing/d.py", "d"}});
  for (const FileTree* tree : {static_cast<const FileTree*>(&on_disk), static_cast<const FileTree*>(&memory)}) {
    CHECK(tree->list("test").value() == std::vector<std::string>{"test/a/c.py", "test/b.py"});
    CHECK(tree->read("test/b.py").value() == "b");
    CHECK(tree->read("test/none.py").error().kind == ErrorKind::not_found);
    CHECK(tree->list("none").error().kind == ErrorKind::not_found);
  }
}

TEST_CASE("read_document checks the schema of a JSON document") {
  CHECK(parse_json("{\n  \"a\": ]", "f.json").error().message == "f.json:2:8: this is not valid JSON");
  CHECK(dump_json({{"a", "\xFF"}}) == "{\"a\":\"\xEF\xBF\xBD\"}");
  const auto directory = TemporaryDirectory::create();
  const fs::path path = directory->path() / "d.json";
  REQUIRE(write_file(path, R"({"schema": "spyre-ci/plan@1"})"));
  CHECK(read_document(path, "plan"));
  CHECK(read_document(path, "selection").error().message.find("expected 'spyre-ci/selection@1'") != std::string::npos);
  REQUIRE(write_file(path, "[]"));
  CHECK(read_document(path, "plan").error().kind == ErrorKind::invalid);
}
