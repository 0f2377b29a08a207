// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/leases.hpp"

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::cards;
namespace fs = std::filesystem;

namespace {

const std::vector<Card> both{{0, "spyre", "0000:1a:00.0", false, ""}, {1, "spyre", "0000:1b:00.0", false, ""}};
const std::vector<Card> first{both[0]};
const std::vector<Card> second{both[1]};

struct LeasesFixture {
  TemporaryDirectory parent = TemporaryDirectory::create().value();
  fs::path directory = parent.path() / "leases";
  LeasesFixture() { REQUIRE(open_leases_directory(directory)); }

  Result<HeldCards> take(const std::string& owner, const std::vector<Card>& cards, bool any = false) const {
    return HeldCards::take(directory, owner, cards, any);
  }
  unsigned mode(const fs::path& path) const {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 07777;
  }
};

}  // namespace

TEST_CASE("a card that one agent holds is busy for another, and free when the first one ends") {
  const LeasesFixture f;
  {
    const auto one = f.take("run one", first);
    REQUIRE(one);
    const auto refused = f.take("run two", both);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::busy);
    CHECK(refused.error().message ==
          "card 0 (0000:1a:00.0) is in use by run one (process " + std::to_string(::getpid()) + ")");
    // All or none: the second card is still free.
    CHECK(f.take("run three", second));
    CHECK(one->keep());
  }
  CHECK(f.take("run two", both));
}

TEST_CASE("with `any`, the free cards are leased, and no free card is an error") {
  const LeasesFixture f;
  const auto one = f.take("one", first);
  const auto two = f.take("two", both, true);
  REQUIRE(two);
  REQUIRE(two->cards().size() == 1);
  CHECK(two->cards().front().index == 1);
  const auto three = f.take("three", both, true);
  REQUIRE(!three);
  CHECK(three.error().message.starts_with("card 0 (0000:1a:00.0) is in use by one (process "));
}

TEST_CASE("cards stay in the order of the request") {
  const LeasesFixture f;
  const auto held = f.take("one", {both[1], both[0]});
  REQUIRE(held);
  CHECK(held->cards().front().index == 1);
}

TEST_CASE("lease files are accessible to all users, independent of the umask, and stay") {
  const LeasesFixture f;
  const fs::path file = f.directory / "0000:1a:00.0";
  const mode_t before = ::umask(077);
  REQUIRE(open_leases_directory(f.parent.path() / "other"));
  { REQUIRE(f.take("one", first)); }
  ::umask(before);
  CHECK(f.mode(f.parent.path() / "other") == 01777);
  CHECK(f.mode(file) == 0666);
  struct stat old {};
  REQUIRE(::stat(file.c_str(), &old) == 0);
  { REQUIRE(f.take("two", first)); }
  struct stat now {};
  REQUIRE(::stat(file.c_str(), &now) == 0);
  CHECK(now.st_ino == old.st_ino);
}

TEST_CASE("a killed agent holds no lease, whatever its file contains") {
  const LeasesFixture f;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = f.take("child", both);
    const char done = held ? 'y' : 'n';
    if (::write(ready[1], &done, 1) == 1) ::pause();
    ::_exit(1);
  }
  char done = 0;
  REQUIRE(::read(ready[0], &done, 1) == 1);
  REQUIRE(done == 'y');
  CHECK(f.take("other", first).error().message.find("child (process " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(f.take("other", both));
}

TEST_CASE("started programs do not inherit the lease") {
  const LeasesFixture f;
  const auto held = f.take("one", first);
  REQUIRE(held);
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (fs::read_symlink(entry.path(), error) != f.directory / "0000:1a:00.0") continue;
    CHECK((::fcntl(std::stoi(entry.path().filename().string()), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("a removed lease file is noticed") {
  const LeasesFixture f;
  const auto held = f.take("one", both);
  REQUIRE(held);
  fs::remove(f.directory / "0000:1b:00.0");
  CHECK(held->keep().error().kind == ErrorKind::busy);
}

TEST_CASE("a link or a directory in place of a lease file is refused, and not followed") {
  const LeasesFixture f;
  REQUIRE(write_file(f.parent.path() / "precious", "mine"));
  fs::create_symlink(f.parent.path() / "precious", f.directory / "0000:1a:00.0");
  CHECK(f.take("one", first).error().kind == ErrorKind::io);
  CHECK(read_file(f.parent.path() / "precious").value() == "mine");
  fs::create_directory(f.directory / "0000:1b:00.0");
  CHECK(f.take("one", second).error().kind == ErrorKind::io);
}

TEST_CASE("a directory that cannot be shared is an error") {
  const LeasesFixture f;
  CHECK(open_leases_directory(f.directory));
  CHECK(open_leases_directory(f.parent.path() / "missing/leases").error().kind == ErrorKind::not_found);
  REQUIRE(write_file(f.parent.path() / "file", ""));
  CHECK(open_leases_directory(f.parent.path() / "file").error().kind == ErrorKind::io);
}

TEST_CASE("agents of two users share the file of a card") {
  if (::geteuid() != 0) return;  // requires another user
  const LeasesFixture f;
  fs::permissions(f.parent.path(), fs::perms::all);
  { REQUIRE(f.take("root", first)); }
  const pid_t child = ::fork();
  if (child == 0) {
    const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    ::_exit(changed && f.take("nobody", both) ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(f.take("root", both));
}
