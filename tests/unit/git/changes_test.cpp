// SPDX-License-Identifier: Apache-2.0
#include "agent/git/changes.hpp"

#include "agent/git/mirror.hpp"
#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace {

using Kind = FileChange::Kind;

Result<std::vector<FileChange>> between(const Upstream& upstream, const std::string& from, const std::string& to) {
  const Mirror mirror = value_of(Mirror::open({.repo = upstream.path().string()}));
  return changes(*value_of(mirror.objects()), from, to);
}

std::string lines(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) text += "line " + std::to_string(i) + " of a file that is long enough\n";
  return text;
}

TEST_CASE("changes list added, modified, deleted and renamed files between two commits", "[changes]") {
  const Upstream upstream;
  upstream.write("torch/a.py", "a");
  upstream.write("torch/b.py", "b");
  upstream.write("torch/same.py", "same");
  upstream.write("test/test_old.py", lines(0, 20));
  upstream.write("z", "#!run");
  const std::string before = upstream.commit();
  upstream.write("torch/a.py", "changed");
  upstream.git({"rm", "-q", "torch/b.py"});
  upstream.git({"mv", "test/test_old.py", "test/test_new.py"});
  upstream.write("test/test_new.py", lines(0, 19));
  upstream.write("c10/new.cpp", "new");
  upstream.write("z", "->torch");
  const std::string after = upstream.commit();

  CHECK(value_of(between(upstream, before, after)) ==
        std::vector<FileChange>{{Kind::added, "c10/new.cpp", ""},
                                {Kind::renamed, "test/test_new.py", "test/test_old.py"},
                                {Kind::modified, "torch/a.py", "torch/a.py"},
                                {Kind::deleted, "torch/b.py", "torch/b.py"},
                                {Kind::modified, "z", "z"}});
  const auto back = value_of(between(upstream, after, before));
  REQUIRE(back.size() == 5);
  CHECK(back[0] == FileChange{Kind::deleted, "c10/new.cpp", "c10/new.cpp"});
  CHECK(back[1] == FileChange{Kind::renamed, "test/test_old.py", "test/test_new.py"});
  CHECK(name(back[1].kind) == "renamed");
}

TEST_CASE("a commit does not differ from itself", "[changes]") {
  const Upstream upstream;
  upstream.write("a", "a");
  const std::string sha = upstream.commit();
  CHECK(value_of(between(upstream, sha, sha)).empty());
}

TEST_CASE("only existing commits can be compared", "[changes]") {
  const Upstream upstream;
  upstream.write("a", "a");
  const std::string sha = upstream.commit();
  CHECK(error_of(between(upstream, std::string(40, '0'), sha)).kind == ErrorKind::not_found);
  CHECK(error_of(between(upstream, sha, upstream.git({"rev-parse", "HEAD:a"}))).kind == ErrorKind::invalid);
  CHECK(error_of(between(upstream, sha, "main")).kind == ErrorKind::invalid);
}

TEST_CASE("a missing directory object is reported as damage", "[changes]") {
  const Upstream upstream;
  upstream.write("a/b", "a");
  const std::string before = upstream.commit();
  upstream.write("a/b", "b");
  const std::string after = upstream.commit();
  const std::string tree = upstream.git({"rev-parse", "HEAD:a"});
  std::filesystem::remove(upstream.path() / ".git/objects" / tree.substr(0, 2) / tree.substr(2));
  CHECK(error_of(between(upstream, before, after)).kind == ErrorKind::io);
}

}  // namespace
}  // namespace spyre::git
