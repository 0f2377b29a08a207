// SPDX-License-Identifier: Apache-2.0
// The meaning of revisions, for a repository read in place and for mirrors filled in both ways.
#include "agent/git/mirror.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

enum class Way { local, git, libgit2 };

// Two commits on main, one on a branch and one of a pull request; tags of both kinds.
struct MirrorOriginal {
  Upstream upstream;
  std::string first, second, branch, pull;

  MirrorOriginal() {
    upstream.write("test/a.py", "first");
    first = upstream.commit();
    upstream.git({"tag", "v1"});
    upstream.write("test/a.py", "second");
    second = upstream.commit();
    upstream.git({"tag", "-a", "v2", "-m", "annotated"});
    upstream.git({"checkout", "-q", "-b", "release/2"});
    upstream.write("test/a.py", "branch");
    branch = upstream.commit();
    upstream.git({"checkout", "-q", "main"});
    upstream.write("test/a.py", "pull");
    pull = upstream.commit();
    upstream.git({"update-ref", "refs/pull/7/head", pull});
    upstream.git({"reset", "-q", "--hard", second});
  }
  static const MirrorOriginal& made_once() {
    static const MirrorOriginal original;
    return original;
  }
};

struct MirrorSetup : MirrorOriginal {
  Way way;
  TemporaryDirectory cache = value_of(TemporaryDirectory::create());
  std::vector<std::string> progress;
  RevisionNames names{.pinned = "v1", .main = "main"};

  explicit MirrorSetup(Way chosen) : MirrorOriginal(made_once()), way(chosen) {}

  MirrorOptions options() {
    return {.repo = way == Way::local ? upstream.path().string() : upstream.url(),
            .directory = cache.path() / "mirror",
            .use_git_program = way != Way::libgit2,
            .progress = [this](std::string_view line) { progress.emplace_back(line); }};
  }
  Mirror mirror() { return value_of(Mirror::open(options())); }
  Result<std::string> resolve(const std::string& revision) { return mirror().resolve(revision, names); }
};

std::string text_at(const Mirror& mirror, const std::string& sha) {
  return value_of(value_of(mirror.tree(sha))->read("test/a.py"));
}

TEST_CASE("every kind of revision resolves to its commit", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git, Way::libgit2));
  const std::vector<std::pair<std::string, std::string>> cases{
      {"pinned", setup.first},
      {"main", setup.second},
      {"HEAD", setup.second},
      {"v1", setup.first},
      {"v2", setup.second},
      {"release/2", setup.branch},
      {"pr/7", setup.pull},
      {setup.first, setup.first},
      {setup.branch.substr(0, 12), setup.branch},
      {setup.first.substr(0, 7), setup.first},
  };
  Mirror mirror = setup.mirror();
  for (const auto& [revision, commit] : cases) {
    INFO(revision);
    CHECK(value_of(mirror.resolve(revision, setup.names)) == commit);
  }
  CHECK(text_at(mirror, setup.first) == "first");
  CHECK(text_at(mirror, setup.pull) == "pull");
}

TEST_CASE("each kind of revision can be resolved first", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::git, Way::libgit2));
  const auto [revision, text] = GENERATE_REF(table<std::string, std::string>({{"main", "second"},
                                                                              {"v2", "second"},
                                                                              {"pr/7", "pull"},
                                                                              {"release/2", "branch"},
                                                                              {setup.first, "first"},
                                                                              {setup.first.substr(0, 8), "first"}}));
  Mirror mirror = setup.mirror();
  const std::string sha = value_of(mirror.resolve(revision, setup.names));
  CHECK(text_at(mirror, sha) == text);
}

TEST_CASE("a revision may be written as upper-case digits", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git));
  std::string upper = setup.first;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  CHECK(value_of(setup.resolve(upper)) == setup.first);
}

TEST_CASE("an unknown name gets the nearest one as a hint", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git, Way::libgit2));
  const Error error = error_of(setup.resolve("relase/2"));
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.message.find("relase/2") != std::string::npos);
  CHECK(error.hint == "did you mean 'release/2'?");
}

TEST_CASE("an unknown commit or pull request is not found", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git, Way::libgit2));
  const std::string revision = GENERATE("pr/8", "0123456789012345678901234567890123456789", "01234567", "0123");
  CHECK(error_of(setup.resolve(revision)).kind == ErrorKind::not_found);
}

TEST_CASE("an object that is not a commit is reported as such", "[mirror]") {
  MirrorSetup setup(Way::local);
  const std::string tree = setup.upstream.git({"rev-parse", "HEAD^{tree}"});
  const Error error = error_of(setup.resolve(tree));
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.message.find("is a tree") != std::string::npos);
}

TEST_CASE("an ambiguous abbreviation is reported as such", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git, Way::libgit2));
  // Enough commits that two of them begin alike: 4 digits are 65536 beginnings.
  const std::string tree = setup.upstream.git({"rev-parse", "HEAD^{tree}"});
  std::vector<std::string> arguments{"hash-object", "-t", "commit", "-w"};
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  for (int i = 0; i < 1000; ++i) {
    const fs::path file = directory.path() / std::to_string(i);
    REQUIRE(put(file, "tree " + tree + "\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n" + std::to_string(i)));
    arguments.push_back(file.string());
  }
  std::map<std::string, std::string> seen;
  std::string digits;
  const std::string output = setup.upstream.git(arguments);
  for (std::size_t at = 0; at + 40 <= output.size() && digits.empty(); at += 41) {
    const std::string sha = output.substr(at, 40);
    const auto [other, fresh] = seen.emplace(sha.substr(0, 4), sha);
    if (fresh) continue;
    setup.upstream.git({"update-ref", "refs/heads/one", sha});
    setup.upstream.git({"update-ref", "refs/heads/two", other->second});
    digits = sha.substr(0, 4);
  }
  REQUIRE_FALSE(digits.empty());
  const Error error = error_of(setup.resolve(digits));
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.message.find("ambiguous") != std::string::npos);
  const std::string sha = seen[digits];
  CHECK(value_of(setup.resolve(sha.substr(0, 20))) == sha);
}

TEST_CASE("a tag wins over a branch of the same name", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::local, Way::git, Way::libgit2));
  setup.upstream.git({"branch", "v1", setup.second});
  CHECK(value_of(setup.resolve("v1")) == setup.first);
}

TEST_CASE("refs that move are fetched again, others are not", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::git, Way::libgit2));
  CHECK(value_of(setup.resolve("main")) == setup.second);
  CHECK(value_of(setup.resolve("v1")) == setup.first);
  CHECK(value_of(setup.resolve("pr/7")) == setup.pull);
  setup.upstream.write("test/a.py", "third");
  const std::string third = setup.upstream.commit();
  setup.upstream.git({"update-ref", "refs/pull/7/head", third});
  CHECK(value_of(setup.resolve("main")) == third);
  CHECK(value_of(setup.resolve("pr/7")) == third);
  // A branch that was deleted and created again, and one that is now a directory of branches.
  setup.upstream.git({"reset", "-q", "--hard", setup.first});
  CHECK(value_of(setup.resolve("main")) == setup.first);
  setup.upstream.git({"branch", "topic"});
  CHECK(value_of(setup.resolve("topic")) == setup.first);
  setup.upstream.git({"branch", "-D", "topic"});
  setup.upstream.git({"branch", "topic/one", third});
  CHECK(value_of(setup.resolve("topic/one")) == third);
  CHECK(error_of(setup.resolve("topic")).kind == ErrorKind::not_found);

  fs::remove_all(setup.upstream.path());
  CHECK(value_of(setup.resolve("v1")) == setup.first);
  CHECK(value_of(setup.resolve(third)) == third);
  CHECK(error_of(setup.resolve("main")).kind == ErrorKind::invalid);
}

TEST_CASE("a known abbreviation needs no transfer", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::git, Way::libgit2));
  CHECK(value_of(setup.resolve(setup.first.substr(0, 9))) == setup.first);
  fs::remove_all(setup.upstream.path());
  CHECK(value_of(setup.resolve(setup.first.substr(0, 9))) == setup.first);
}

TEST_CASE("the git program brings one commit without its history", "[mirror]") {
  MirrorSetup setup(Way::git);
  const Mirror mirror = setup.mirror();
  value_of(setup.resolve("main"));
  CHECK(mirror.tree(setup.second).has_value());
  CHECK_FALSE(mirror.tree(setup.first).has_value());
  CHECK(std::any_of(setup.progress.begin(), setup.progress.end(),
                    [](const std::string& line) { return line.find("Receiving objects") != std::string::npos; }));
}

TEST_CASE("without a git program libgit2 fills a mirror", "[mirror]") {
  MirrorSetup setup(Way::git);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  const auto sha = setup.resolve("v2");
  ::setenv("PATH", path.c_str(), 1);
  CHECK(value_of(sha) == setup.second);
  CHECK(setup.progress.front().find("git program not found") != std::string::npos);
}

TEST_CASE("a server that does not serve single commits sends its history", "[mirror]") {
  MirrorSetup setup(Way::git);
  ::setenv("GIT_CONFIG_COUNT", "1", 1);
  ::setenv("GIT_CONFIG_KEY_0", "protocol.version", 1);
  ::setenv("GIT_CONFIG_VALUE_0", "0", 1);
  const auto main = setup.resolve("main");
  const auto commit = setup.resolve(setup.first);
  const auto unknown = setup.resolve(std::string(40, '1'));
  ::unsetenv("GIT_CONFIG_COUNT");
  CHECK(value_of(main) == setup.second);
  CHECK(value_of(commit) == setup.first);
  CHECK(error_of(unknown).kind == ErrorKind::not_found);
  CHECK(text_at(setup.mirror(), setup.first) == "first");
}

TEST_CASE("a clone resolves what it has fetched", "[mirror]") {
  MirrorSetup setup(Way::local);
  const fs::path clone = setup.cache.path() / "clone";
  run_git({"clone", "-q", setup.upstream.url(), clone.string()});
  run_git({"-C", clone.string(), "fetch", "-q", "origin", "+refs/pull/*/head:refs/remotes/origin/pr/*"});
  Mirror mirror = value_of(Mirror::open({.repo = clone.string()}));
  CHECK(value_of(mirror.resolve("release/2", setup.names)) == setup.branch);
  CHECK(value_of(mirror.resolve("pr/7", setup.names)) == setup.pull);
  CHECK(error_of(mirror.resolve("release/3", setup.names)).hint == "did you mean 'release/2'?");
}

TEST_CASE("a bare repository and a worktree are repositories", "[mirror]") {
  MirrorSetup setup(Way::local);
  const fs::path bare = setup.cache.path() / "bare";
  const fs::path worktree = setup.cache.path() / "worktree";
  run_git({"clone", "-q", "--bare", setup.upstream.url(), bare.string()});
  setup.upstream.git({"worktree", "add", "-q", "--detach", worktree.string(), "v1"});
  CHECK(value_of(value_of(Mirror::open({.repo = bare.string()})).resolve("v2", setup.names)) == setup.second);
  Mirror mirror = value_of(Mirror::open({.repo = worktree.string()}));
  CHECK(value_of(mirror.resolve("HEAD", setup.names)) == setup.first);
  CHECK(text_at(mirror, value_of(mirror.resolve("release/2", setup.names))) == "branch");
}

TEST_CASE("nothing is written to a repository that is read in place", "[mirror]") {
  MirrorSetup setup(Way::local);
  const auto before = contents(setup.upstream.path());
  Mirror mirror = setup.mirror();
  value_of(mirror.tree(value_of(mirror.resolve("main", setup.names))));
  CHECK(contents(setup.upstream.path()) == before);
  CHECK_FALSE(fs::exists(setup.cache.path() / "mirror"));
  CHECK(mirror.directory() == setup.upstream.path());
}

TEST_CASE("a partial clone reports missing objects", "[mirror]") {
  MirrorSetup setup(Way::local);
  setup.upstream.git({"config", "uploadpack.allowFilter", "true"});
  const fs::path clone = setup.cache.path() / "clone";
  run_git({"clone", "-q", "--bare", "--filter=blob:none", setup.upstream.url(), clone.string()});
  Mirror mirror = value_of(Mirror::open({.repo = clone.string()}));
  const auto tree = value_of(mirror.tree(value_of(mirror.resolve("main", setup.names))));
  const Error error = error_of(tree->read("test/a.py"));
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.hint.find("partial clone") != std::string::npos);
}

TEST_CASE("a directory or URL that is not a repository is reported as such", "[mirror]") {
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  CHECK(error_of(Mirror::open({.repo = directory.path().string()})).kind == ErrorKind::invalid);
  CHECK(error_of(Mirror::open({.repo = (directory.path() / "absent").string()})).kind == ErrorKind::not_found);
  REQUIRE(put(directory.path() / "file", "x"));
  CHECK(error_of(Mirror::open({.repo = (directory.path() / "file").string()})).kind == ErrorKind::invalid);
  const bool use_git_program = GENERATE(true, false);
  Mirror mirror = value_of(Mirror::open({.repo = "file://" + directory.path().string() + "/absent",
                                         .directory = directory.path() / "mirror",
                                         .use_git_program = use_git_program}));
  const Error error = error_of(mirror.resolve("main", {}));
  CHECK(error.kind == ErrorKind::invalid);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("a network failure is an infrastructure error", "[mirror]") {
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  const bool use_git_program = GENERATE(true, false);
  Mirror mirror = value_of(Mirror::open({.repo = "https://me:hunter22@localhost:1/x",
                                         .directory = directory.path() / "mirror",
                                         .use_git_program = use_git_program}));
  const Error error = error_of(mirror.resolve("main", {}));
  CHECK(error.kind == ErrorKind::infra);
  CHECK(error.message.find("https://localhost:1/x") != std::string::npos);
  CHECK(error.message.find("hunter22") == std::string::npos);
  for (const auto& [path, text] : contents(directory.path())) {
    INFO(path);
    CHECK(text.find("hunter22") == std::string::npos);
  }
}

TEST_CASE("a directory with another use is refused and left unchanged", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::git, Way::libgit2));
  const fs::path directory = setup.cache.path() / "mirror";
  SECTION("a user's files") {
    fs::create_directory(directory);
    REQUIRE(put(directory / "thesis.txt", "years of work"));
  }
  SECTION("a user's repository") {
    run_git({"init", "-q", "--bare", directory.string()});
  }
  SECTION("a mirror of another repository") {
    const Upstream other;
    value_of(Mirror::open({.repo = other.url(), .directory = directory}));
  }
  const auto before = contents(directory);
  const Error error = error_of(Mirror::open(setup.options()));
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.hint.find("pytorch.mirror") != std::string::npos);
  CHECK(contents(directory) == before);
}

TEST_CASE("concurrent threads get the same results", "[mirror]") {
  MirrorSetup setup(GENERATE(Way::git, Way::libgit2));
  const std::vector<std::string> revisions{"main", "v1", "pr/7", "main", "release/2", "v1"};
  std::vector<std::string> found(revisions.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < revisions.size(); ++i) {
      threads.emplace_back([&, i,
                            options = MirrorOptions{.repo = setup.upstream.url(),
                                                    .directory = setup.cache.path() / "mirror",
                                                    .use_git_program = setup.way == Way::git}] {
        auto mirror = Mirror::open(options);
        const auto sha = mirror ? mirror->resolve(revisions[i], setup.names) : tl::make_unexpected(mirror.error());
        found[i] = sha ? *sha : sha.error().message;
      });
    }
  }
  CHECK(found ==
        std::vector<std::string>{setup.second, setup.first, setup.pull, setup.second, setup.branch, setup.first});
}

}  // namespace
}  // namespace spyre::git
