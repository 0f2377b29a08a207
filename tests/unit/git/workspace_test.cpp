// SPDX-License-Identifier: Apache-2.0
#include "agent/git/workspace.hpp"

#include <algorithm>
#include <csignal>

#include <rapidcheck.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

using Files = std::map<std::string, std::string>;
constexpr std::string_view state = ".spyre-ci-workspace";

const Files small{{"README.md", "read me\n"},       {"test/test_a.py", "def test(): pass\n"},
                  {"test/sub/test_b.py", ""},       {"tool", "#!/bin/sh\n"},
                  {"link", "->test/test_a.py"},     {"broken", "->nowhere"},
                  {"unusual \n\xc3\xa4 name", "x"}, {"bytes", std::string("\0\r\n\xff", 4)}};

// Its only commit holds the small files.
struct WorkspaceOriginal {
  Upstream upstream;
  std::string sha = upstream.commit_files(small);

  static const WorkspaceOriginal& made_once() {
    static const WorkspaceOriginal original;
    return original;
  }
};

struct WorkspaceSetup : WorkspaceOriginal {
  TemporaryDirectory home = value_of(TemporaryDirectory::create());
  fs::path directory = home.path() / "workspace";

  WorkspaceSetup() : WorkspaceOriginal(made_once()) {}
  Result<Workspace> try_checkout(const std::string& commit) const {
    return Workspace::checkout(value_of(Mirror::open({.repo = upstream.path().string()})), commit, directory);
  }
  Workspace checkout(const std::string& commit) const { return value_of(try_checkout(commit)); }
  Files found() const { return contents(directory, state); }
};

std::uint64_t inode(const fs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_ino;
}

TEST_CASE("a checkout holds the commit's files, byte for byte", "[workspace]") {
  const WorkspaceSetup setup;
  Files files = small;
  files[".gitattributes"] = "*.bat text eol=crlf\n";  // settings of line ends apply only to editors
  files["run.bat"] = "first\nsecond\n";
  const std::string sha = setup.upstream.commit_files(files);
  const Workspace workspace = setup.checkout(sha);
  CHECK(workspace.sha() == sha);
  CHECK(workspace.directory() == setup.directory);
  CHECK(setup.found() == files);
}

TEST_CASE("a checkout equals git's own checkout", "[workspace]") {
  const WorkspaceSetup setup;
  const Workspace workspace = setup.checkout(setup.sha);
  const fs::path worktree = setup.home.path() / "worktree";
  setup.upstream.git({"worktree", "add", "-q", "--detach", worktree.string(), setup.sha});
  CHECK(setup.found() == contents(worktree, ".git"));
}

TEST_CASE("a mirrored commit can be checked out", "[workspace]") {
  const WorkspaceSetup setup;
  const bool use_git_program = GENERATE(true, false);
  Mirror mirror = value_of(Mirror::open(
      {.repo = setup.upstream.url(), .directory = setup.home.path() / "mirror", .use_git_program = use_git_program}));
  const std::string found = value_of(mirror.resolve("main", {}));
  CHECK(found == setup.sha);
  const Workspace workspace = value_of(Workspace::checkout(mirror, found, setup.directory));
  CHECK(setup.found() == small);
}

TEST_CASE("submodules are empty directories", "[workspace]") {
  const WorkspaceSetup setup;
  setup.upstream.add_submodule("third_party/module");
  const std::string sha = setup.upstream.commit();
  Files expected = small;
  expected["third_party/module"] = "/";
  setup.checkout(sha);
  CHECK(setup.found() == expected);
  REQUIRE(put(setup.directory / "third_party/module/rubbish", "x"));
  setup.checkout(sha);
  CHECK(setup.found() == expected);
}

TEST_CASE("the next checkout undoes all changes of tests in a workspace", "[workspace]") {
  const WorkspaceSetup setup;
  setup.checkout(setup.sha);
  const fs::path outside = setup.home.path() / "outside";
  REQUIRE(put(outside / "file", "mine"));
  SECTION("foreign files") {
    REQUIRE(put(setup.directory / "test/__pycache__/test_a.cpython-311.pyc", "x"));
    REQUIRE(put(setup.directory / ".pytest_cache/v/x", "x"));
    REQUIRE(put(setup.directory / "test/new.py", "x"));
    fs::create_directories(setup.directory / "empty/er");
    fs::create_symlink(outside, setup.directory / "way_out");
    REQUIRE(::mkfifo((setup.directory / "fifo").c_str(), 0600) == 0);
  }
  SECTION("a nested repository") {
    run_git({"init", "-q", (setup.directory / "test/repo").string()});
  }
  SECTION("a .git in the root") {
    run_git({"init", "-q", setup.directory.string()});
  }
  SECTION("changed files") {
    REQUIRE(put(setup.directory / "README.md", "changed\n"));
    REQUIRE(put(setup.directory / "bytes", std::string("\1\r\n\xff", 4)));
  }
  SECTION("an unnoticeable change: same size, same time") {
    const fs::path file = setup.directory / "README.md";
    const auto time = fs::last_write_time(file);
    REQUIRE(put(file, "READ ME\n"));
    fs::last_write_time(file, time);
  }
  SECTION("removed files") {
    fs::remove(setup.directory / "README.md");
    fs::remove_all(setup.directory / "test");
  }
  SECTION("permissions") {
    fs::permissions(setup.directory / "tool", fs::perms{0644});
    fs::permissions(setup.directory / "README.md", fs::perms{0755});
    fs::create_directories(setup.directory / "locked/in");
    fs::permissions(setup.directory / "locked/in", fs::perms::none);
    fs::permissions(setup.directory / "locked", fs::perms::none);
    fs::permissions(setup.directory / "test/sub", fs::perms::none);
  }
  SECTION("a directory in place of a file") {
    fs::remove(setup.directory / "README.md");
    fs::create_directories(setup.directory / "README.md/x");
  }
  SECTION("a file in place of a directory") {
    fs::remove_all(setup.directory / "test");
    REQUIRE(put(setup.directory / "test", "x"));
  }
  SECTION("a link in place of a directory, to foreign files") {
    fs::rename(setup.directory / "test", setup.home.path() / "moved");
    fs::create_symlink(outside, setup.directory / "test");
  }
  SECTION("a link in place of a file") {
    fs::remove(setup.directory / "README.md");
    fs::create_symlink(outside / "file", setup.directory / "README.md");
  }
  SECTION("another target of a link") {
    fs::remove(setup.directory / "link");
    fs::create_symlink(outside / "file", setup.directory / "link");
  }
  SECTION("a hard link outside") {
    fs::remove(setup.directory / "README.md");
    fs::create_hard_link(outside / "file", setup.directory / "README.md");
  }
  SECTION("a damaged record") {
    REQUIRE(put(setup.directory / state / "index", "rubbish"));
  }
  SECTION("a missing record") {
    fs::remove(setup.directory / state / "index");
  }
  SECTION("a locked record") {
    REQUIRE(put(setup.directory / state / "index.lock", ""));
  }
  setup.checkout(setup.sha);
  CHECK(setup.found() == small);
  CHECK(contents(outside) == Files{{"file", "mine"}});
}

TEST_CASE("a reused workspace is written only where it differs", "[workspace]") {
  const WorkspaceSetup setup;
  Files files = small;
  const std::string first = setup.upstream.commit_files(files);
  files["README.md"] = "another\n";
  files.erase("test/sub/test_b.py");
  files["test/test_c.py"] = "new";
  files["tool"] = "no program any more";
  const std::string second = setup.upstream.commit_files(files);
  setup.checkout(first);
  const auto unchanged = inode(setup.directory / "test/test_a.py");
  const auto link = inode(setup.directory / "link");
  setup.checkout(second);
  CHECK(setup.found() == files);
  CHECK_FALSE(fs::exists(setup.directory / "test/sub"));
  CHECK(inode(setup.directory / "test/test_a.py") == unchanged);
  CHECK(inode(setup.directory / "link") == link);
  setup.checkout(first);
  CHECK(setup.found() == small);
  CHECK(inode(setup.directory / "test/test_a.py") == unchanged);
}

TEST_CASE("an emptied workspace is filled again", "[workspace]") {
  const WorkspaceSetup setup;
  setup.checkout(setup.sha);
  SECTION("including its state") {
    fs::remove_all(setup.directory);
  }
  SECTION("except its state") {
    for (const auto& file : fs::directory_iterator(setup.directory)) {
      if (file.path().filename() != state) fs::remove_all(file.path());
    }
  }
  setup.checkout(setup.sha);
  CHECK(setup.found() == small);
}

TEST_CASE("a foreign directory is refused and left unchanged", "[workspace]") {
  const WorkspaceSetup setup;
  SECTION("a user's files") {
    REQUIRE(put(setup.directory / "thesis.txt", "years of work"));
  }
  SECTION("a file with the name of our state") {
    REQUIRE(put(setup.directory / state, "x"));
  }
  SECTION("a clone") {
    run_git({"clone", "-q", setup.upstream.url(), setup.directory.string()});
  }
  const auto before = contents(setup.directory);
  const Error error = error_of(setup.try_checkout(setup.sha));
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.message.find(setup.directory.string()) != std::string::npos);
  CHECK(contents(setup.directory) == before);
}

TEST_CASE("a file is refused as the directory of a workspace", "[workspace]") {
  const WorkspaceSetup setup;
  REQUIRE(put(setup.directory, "x"));
  CHECK(error_of(setup.try_checkout(setup.sha)).kind == ErrorKind::invalid);
  CHECK(text_of(setup.directory) == "x");
}

TEST_CASE("a workspace belongs to one run at a time", "[workspace]") {
  const WorkspaceSetup setup;
  {
    const Workspace workspace = setup.checkout(setup.sha);
    REQUIRE(put(setup.directory / "result", "of a running test"));
    const Error error = error_of(setup.try_checkout(setup.sha));
    CHECK(error.kind == ErrorKind::busy);
    CHECK(fs::exists(setup.directory / "result"));
    const int status = in_child([&] { ::_exit(setup.try_checkout(setup.sha) ? 0 : 1); });
    CHECK(WEXITSTATUS(status) == 1);
  }
  setup.checkout(setup.sha);
  CHECK(setup.found() == small);
}

TEST_CASE("an unknown commit leaves no directory behind", "[workspace]") {
  const WorkspaceSetup setup;
  CHECK(error_of(setup.try_checkout(std::string(40, '1'))).kind == ErrorKind::not_found);
  CHECK_FALSE(fs::exists(setup.directory));
}

TEST_CASE("a commit that would overwrite a workspace's state is refused", "[workspace]") {
  const WorkspaceSetup setup;
  const std::string sha = setup.upstream.commit_files({{std::string(state) + "/index", "evil"}});
  CHECK(error_of(setup.try_checkout(sha)).kind == ErrorKind::invalid);
}

TEST_CASE("a checkout that dies halfway is repaired by the next", "[workspace]") {
  const WorkspaceSetup setup;
  Files files = small;
  for (int i = 0; i < 40; ++i) files["many/" + std::to_string(i)] = std::string(100 * static_cast<std::size_t>(i), 'x');
  const std::string first = setup.upstream.commit_files(files);
  for (auto& [path, text] : files) {
    if (path.starts_with("many/")) text += "y";
  }
  const std::string second = setup.upstream.commit_files(files);
  const bool deadly = GENERATE(true, false);  // a kill, or a full disk
  const std::uint64_t limit = GENERATE(10, 1'000, 3'899);
  const bool used_before = GENERATE(false, true);
  if (used_before) setup.checkout(first);
  const int status = in_child([&] {
    limit_file_size(limit, deadly);
    const auto workspace = setup.try_checkout(second);
    ::_exit(!workspace && workspace.error().kind == ErrorKind::io ? 1 : 0);
  });
  CHECK((deadly ? WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ : WIFEXITED(status) && WEXITSTATUS(status) == 1));
  CHECK(setup.found() != files);
  setup.checkout(second);
  CHECK(setup.found() == files);
}

// Random trees with few names, so that files, directories, links and programs replace each other.
rc::Gen<Files> trees() {
  return rc::gen::exec([] {
    Files files;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
      std::string path = *rc::gen::element<std::string>("a", "b", "c", "a.b");
      for (int depth = *rc::gen::inRange(0, 3); depth > 0; --depth)
        path += "/" + *rc::gen::element<std::string>("a", "b", "c");
      const bool taken = std::any_of(files.begin(), files.end(), [&](const auto& file) {
        return file.first.starts_with(path + "/") || path.starts_with(file.first + "/");
      });
      if (!taken) files[path] = *rc::gen::element<std::string>("", "x", "y", "->a", "->b/c", "#!x", "longer text");
    }
    return files;
  });
}

TEST_CASE("any commit can be checked out over any damage to any other commit", "[workspace]") {
  const WorkspaceSetup setup;
  const bool good = rc::check([&] {
    const Files before = *trees();
    const Files vandalism = *trees();
    const Files after = *trees();
    setup.checkout(setup.upstream.commit_files(before));
    RC_ASSERT(setup.found() == before);
    for (const auto& [path, text] : vandalism) {
      std::error_code ignored;  // some changes are impossible where links are
      const fs::path full = setup.directory / path;
      fs::create_directories(full.parent_path(), ignored);
      fs::remove_all(full, ignored);
      if (text.starts_with("->")) {
        fs::create_symlink(text.substr(2), full, ignored);
      } else {
        (void)put(full, text);
      }
    }
    setup.checkout(setup.upstream.commit_files(after));
    RC_ASSERT(setup.found() == after);
  });
  CHECK(good);
}

}  // namespace
}  // namespace spyre::git
