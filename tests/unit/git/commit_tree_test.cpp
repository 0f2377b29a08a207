// SPDX-License-Identifier: Apache-2.0
#include "agent/git/commit_tree.hpp"

#include <algorithm>
#include <thread>

#include "agent/git/mirror.hpp"
#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace {

Mirror local(const Upstream& upstream) {
  return value_of(Mirror::open({.repo = upstream.path().string()}));
}

TEST_CASE("a commit's files are listed in byte order, without links and submodules", "[commit_tree]") {
  const Upstream upstream;
  upstream.write("test/a.py", "a");
  upstream.write("test/a/b.py", "b");
  upstream.write("test/a-b.py", "c");
  upstream.write("test/z/deep/er/x.py", "#!x");
  upstream.write("test/link.py", "->a.py");
  upstream.write("tests.py", "other");
  upstream.add_submodule("test/module");
  const std::string sha = upstream.commit();
  const auto tree = value_of(local(upstream).tree(sha));
  CHECK(tree->revision() == sha);
  const std::vector<std::string> files = value_of(tree->list("test"));
  CHECK(files == std::vector<std::string>{"test/a-b.py", "test/a.py", "test/a/b.py", "test/z/deep/er/x.py"});
  CHECK(value_of(tree->list("test/z")) == std::vector<std::string>{"test/z/deep/er/x.py"});
  const std::vector<std::string> all = value_of(tree->list(""));
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(all.size() == files.size() + 1);
  CHECK(value_of(tree->read("test/z/deep/er/x.py")) == "#!x");
}

TEST_CASE("a path that is not in a commit is not found", "[commit_tree]") {
  const Upstream upstream;
  upstream.write("test/a.py", "a");
  upstream.write("link", "->test/a.py");
  const auto tree = value_of(local(upstream).tree(upstream.commit()));
  upstream.write("test/later.py", "not committed");
  CHECK(error_of(tree->list("tests")).kind == ErrorKind::not_found);
  CHECK(error_of(tree->list("test/a.py")).kind == ErrorKind::not_found);
  const std::string path = GENERATE("test/later.py", "test", "link", "", "../upstream/test/later.py", "/test/a.py");
  CHECK(error_of(tree->read(path)).kind == ErrorKind::not_found);
}

TEST_CASE("only commits have a tree", "[commit_tree]") {
  const Upstream upstream;
  upstream.write("a", "a");
  const std::string sha = upstream.commit();
  const Mirror mirror = local(upstream);
  CHECK(error_of(mirror.tree(std::string(40, '0'))).kind == ErrorKind::not_found);
  CHECK(error_of(mirror.tree(upstream.git({"rev-parse", "HEAD:a"}))).kind == ErrorKind::invalid);
  CHECK(error_of(mirror.tree("main")).kind == ErrorKind::invalid);
  CHECK(error_of(mirror.tree(sha.substr(0, 10))).kind == ErrorKind::invalid);
}

TEST_CASE("many threads read one tree", "[commit_tree]") {
  const Upstream upstream;
  constexpr int count = 100;
  for (int i = 0; i < count; ++i)
    upstream.write("test/" + std::to_string(i), std::string(1000, 'a') + std::to_string(i));
  const auto tree = value_of(local(upstream).tree(upstream.commit()));
  upstream.git({"gc", "-q"});  // from loose objects to a pack, while they are being read
  std::vector<int> good(8, 0);
  {
    std::vector<std::jthread> threads;
    for (int& mine : good) {
      threads.emplace_back([&tree, &mine] {
        for (int i = 0; i < count; ++i) {
          const auto text = tree->read("test/" + std::to_string(i));
          if (text && *text == std::string(1000, 'a') + std::to_string(i)) ++mine;
        }
      });
    }
  }
  CHECK(good == std::vector<int>(8, count));
}

TEST_CASE("a file whose object is missing is damage, not a wrong name", "[commit_tree]") {
  const Upstream upstream;
  upstream.write("a", "a text");
  const auto tree = value_of(local(upstream).tree(upstream.commit()));
  const std::string blob = upstream.git({"rev-parse", "HEAD:a"});
  std::filesystem::remove(upstream.path() / ".git/objects" / blob.substr(0, 2) / blob.substr(2));
  const Error error = error_of(tree->read("a"));
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.hint.find("fsck") != std::string::npos);
}

TEST_CASE("names that lead out of a tree are refused", "[commit_tree]") {
  const Upstream upstream;
  upstream.write("a", "evil");
  upstream.commit();
  const std::string name = GENERATE("..", ".", ".git", ".GIT", "a/b");
  const std::string blob = upstream.git({"rev-parse", "HEAD:a"});
  std::string raw;  // of the blob's SHA
  for (std::size_t i = 0; i < blob.size(); i += 2) raw += static_cast<char>(std::stoi(blob.substr(i, 2), nullptr, 16));
  REQUIRE(put(upstream.path() / "crafted", "100644 " + name + std::string(1, '\0') + raw));
  const std::string crafted = (upstream.path() / "crafted").string();
  const std::string tree = upstream.git({"hash-object", "-t", "tree", "-w", "--literally", crafted});
  const std::string sha = upstream.git({"commit-tree", "-m", "crafted", tree});
  CHECK(error_of(value_of(local(upstream).tree(sha))->list("")).kind == ErrorKind::invalid);
}

}  // namespace
}  // namespace spyre::git
