// SPDX-License-Identifier: Apache-2.0
#include "agent/core/remove_tree.hpp"

#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

namespace spyre {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path) {
  REQUIRE(write_file(path, "text"));
}

// Root may do everything: run as another user, who has to own the directory.
bool removed_without_privileges(const fs::path& directory) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(2);
    ::_exit(remove_tree(directory) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void give_away(const fs::path& directory) {
  if (::getuid() != 0) return;
  REQUIRE(::chown(directory.c_str(), 65534, 65534) == 0);
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    REQUIRE(::lchown(entry.path().c_str(), 65534, 65534) == 0);
  }
}

TEST_CASE("a tree is removed, but not the targets of its links") {
  const auto directory = TemporaryDirectory::create();
  const fs::path tree = directory->path() / "tree", other = directory->path() / "other";
  write(other / "precious");
  write(tree / "a" / "b" / "file");
  fs::create_directory_symlink(other, tree / "a" / "link");
  fs::create_directory_symlink(other, tree / "link");
  fs::create_symlink("nowhere", tree / "dangling");
  CHECK(remove_tree(tree));
  CHECK_FALSE(fs::exists(tree));
  CHECK(fs::exists(other / "precious"));
  CHECK(remove_tree(tree));
}

TEST_CASE("a link in place of the directory is removed itself") {
  const auto directory = TemporaryDirectory::create();
  write(directory->path() / "other" / "precious");
  fs::create_directory_symlink(directory->path() / "other", directory->path() / "tree");
  CHECK(remove_tree(directory->path() / "tree"));
  CHECK_FALSE(fs::is_symlink(directory->path() / "tree"));
  CHECK(fs::exists(directory->path() / "other" / "precious"));
}

TEST_CASE("directories without permissions are removed") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(::chmod(directory->path().c_str(), 0777) == 0);
  const fs::path tree = directory->path() / "tree";
  write(tree / "a" / "b" / "c" / "file");
  give_away(tree);
  for (const char* closed : {"a/b/c", "a/b", "a", "."}) REQUIRE(::chmod((tree / closed).c_str(), 0) == 0);
  CHECK(removed_without_privileges(tree));
  CHECK_FALSE(fs::exists(tree));
}

TEST_CASE("a deep tree is removed with few descriptors") {
  const auto directory = TemporaryDirectory::create();
  const fs::path tree = directory->path() / "tree";
  const pid_t pid = ::fork();
  if (pid == 0) {
    bool made = fs::create_directory(tree) && ::chdir(tree.c_str()) == 0;
    for (int depth = 0; depth < 3000 && made; ++depth) made = ::mkdir("x", 0700) == 0 && ::chdir("x") == 0;
    ::_exit(made ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  REQUIRE(status == 0);
  CHECK(remove_tree(tree));
  CHECK_FALSE(fs::exists(tree));
}

}  // namespace
}  // namespace spyre
