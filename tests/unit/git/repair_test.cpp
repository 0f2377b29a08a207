// SPDX-License-Identifier: Apache-2.0
// Mirrors with every known kind of interrupted transfer.
#include <csignal>

#include <sys/wait.h>

#include "agent/git/mirror.hpp"
#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

struct RepairOriginal {
  Upstream upstream;
  std::string first, second;

  RepairOriginal() {
    upstream.write("test/same.py", noise(1));
    upstream.write("test/a.py", noise(2));
    first = upstream.commit();
    upstream.git({"tag", "v1"});
    upstream.write("test/a.py", noise(3));
    second = upstream.commit();
  }
  static const RepairOriginal& made_once() {
    static const RepairOriginal original;
    return original;
  }
  // Random bytes do not compress: a pack of them is as large as they are.
  static std::string noise(unsigned seed) {
    std::string bytes;
    for (unsigned state = seed * 2654435761U; bytes.size() < 200'000;) {
      state = state * 1664525U + 1013904223U;
      bytes += static_cast<char>(state >> 24);
    }
    return bytes;
  }
};

struct RepairSetup : RepairOriginal {
  TemporaryDirectory cache = value_of(TemporaryDirectory::create());
  bool use_git_program;

  explicit RepairSetup(bool use_git) : RepairOriginal(made_once()), use_git_program(use_git) {}

  Result<std::string> resolve(const std::string& revision) const {
    auto mirror = value_of(Mirror::open(
        {.repo = upstream.url(), .directory = cache.path() / "mirror", .use_git_program = use_git_program}));
    return mirror.resolve(revision, {.pinned = "v1"});
  }
  // Check that every object of the commit can be read and equals upstream's.
  void check_complete(const std::string& sha) const {
    const auto mirror = value_of(Mirror::open(
        {.repo = upstream.url(), .directory = cache.path() / "mirror", .use_git_program = use_git_program}));
    const auto tree = value_of(mirror.tree(sha));
    CHECK(value_of(tree->read("test/same.py")) == noise(1));
    CHECK(value_of(tree->read("test/a.py")) == noise(sha == first ? 2 : 3));
  }
  fs::path repository() const { return cache.path() / "mirror" / (use_git_program ? "shallow.git" : "full.git"); }
  std::vector<fs::path> packs(const std::string& extension) const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(repository() / "objects/pack")) {
      if (file.path().extension() == extension) found.push_back(file.path());
    }
    return found;
  }
};

TEST_CASE("locks and partial files of a killed transfer are removed", "[repair]") {
  const RepairSetup setup(GENERATE(true, false));
  CHECK(value_of(setup.resolve("v1")) == setup.first);
  const fs::path repository = setup.repository();
  const std::vector<fs::path> left{repository / "index.lock",
                                   repository / "shallow.lock",
                                   repository / "config.lock",
                                   repository / "packed-refs.lock",
                                   repository / "HEAD.lock",
                                   repository / "refs/kept/refs%2Fheads%2Fmain.lock",
                                   repository / "objects/pack/tmp_pack_a1b2c3",
                                   repository / "objects/pack/tmp_idx_a1b2c3",
                                   repository / "objects/pack/.tmp-123-pack-0123.pack",
                                   repository / "objects/pack/pack_git2_a1b2c3",
                                   repository / "objects/pack/pack-0123456789012345678901234567890123456789.pack",
                                   repository / "objects/12/tmp_obj_a1b2c3"};
  for (const fs::path& file : left) REQUIRE(put(file, "half"));
  CHECK(value_of(setup.resolve("main")) == setup.second);
  for (const fs::path& file : left) {
    INFO(file);
    CHECK_FALSE(fs::exists(file));
  }
  setup.check_complete(setup.first);
  setup.check_complete(setup.second);
}

TEST_CASE("a damaged mirror is filled again", "[repair]") {
  const RepairSetup setup(GENERATE(true, false));
  CHECK(value_of(setup.resolve("v1")) == setup.first);
  CHECK(value_of(setup.resolve("main")) == setup.second);
  const fs::path repository = setup.repository();
  SECTION("a pack that ends early") {
    for (const fs::path& pack : setup.packs(".pack")) {
      fs::permissions(pack, fs::perms::owner_write, fs::perm_options::add);
      fs::resize_file(pack, fs::file_size(pack) - 1000);
    }
  }
  SECTION("an empty pack") {
    for (const fs::path& pack : setup.packs(".pack")) {
      fs::permissions(pack, fs::perms::owner_write, fs::perm_options::add);
      fs::resize_file(pack, 0);
    }
  }
  SECTION("a missing pack") {
    for (const fs::path& pack : setup.packs(".pack")) fs::remove(pack);
  }
  SECTION("one of several packs and its index are missing") {
    fs::remove(setup.packs(".pack").front());
    fs::remove(setup.packs(".idx").front());
  }
  SECTION("a missing index") {
    for (const fs::path& index : setup.packs(".idx")) fs::remove(index);
  }
  SECTION("an index that ends early") {
    for (const fs::path& index : setup.packs(".idx")) {
      fs::permissions(index, fs::perms::owner_write, fs::perm_options::add);
      fs::resize_file(index, 100);
    }
  }
  SECTION("all objects are missing") {
    fs::remove_all(repository / "objects");
  }
  SECTION("an empty ref") {
    REQUIRE(put(repository / "refs/kept/refs%2Ftags%2Fv1", ""));
  }
  SECTION("a ref to a missing object") {
    REQUIRE(put(repository / "refs/kept/refs%2Ftags%2Fv1", std::string(40, '1') + "\n"));
  }
  SECTION("no HEAD") {
    fs::remove(repository / "HEAD");
  }
  SECTION("a missing shallow boundary") {
    REQUIRE(put(repository / "shallow", std::string(40, '1') + "\n"));
  }
  SECTION("no repository") {
    fs::remove_all(repository);
  }

  CHECK(value_of(setup.resolve("v1")) == setup.first);
  setup.check_complete(setup.first);
  CHECK(value_of(setup.resolve("main")) == setup.second);
  setup.check_complete(setup.second);
  CHECK(value_of(setup.resolve(setup.first)) == setup.first);
}

TEST_CASE("an interrupted fetch of the history is repeated", "[repair]") {
  const RepairSetup setup(true);
  const std::string digits = setup.first.substr(0, 8);
  CHECK(value_of(setup.resolve(digits)) == setup.first);
  const fs::path history = setup.cache.path() / "mirror/commits.git";
  for (const auto& file : fs::directory_iterator(history / "objects/pack")) fs::remove(file);
  REQUIRE(put(history / "packed-refs.lock", ""));
  CHECK(value_of(setup.resolve(setup.second.substr(0, 8))) == setup.second);
}

TEST_CASE("a transfer that dies halfway leaves nothing that counts as complete", "[repair]") {
  const auto [use_git_program, once_filled] =
      GENERATE(table<bool, bool>({{true, false}, {true, true}, {false, false}}));
  const bool deadly = GENERATE(true, false);  // a kill, or a full disk
  const std::uint64_t limit = GENERATE(200, 190'000);
  const RepairSetup setup(use_git_program);
  if (once_filled) CHECK(value_of(setup.resolve("v1")) == setup.first);
  const int status = in_child([&] {
    limit_file_size(limit, deadly);
    auto mirror = Mirror::open({.repo = setup.upstream.url(),
                                .directory = setup.cache.path() / "mirror",
                                .use_git_program = setup.use_git_program});
    ::_exit(mirror && mirror->resolve("main", {}) ? 0 : 1);
  });
  const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ;
  const bool failed = WIFEXITED(status) && WEXITSTATUS(status) == 1;
  CHECK((died || failed));
  CHECK(value_of(setup.resolve("main")) == setup.second);
  setup.check_complete(setup.second);
  CHECK(value_of(setup.resolve("v1")) == setup.first);
  setup.check_complete(setup.first);
}

}  // namespace
}  // namespace spyre::git
