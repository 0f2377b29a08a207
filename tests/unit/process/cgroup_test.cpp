// SPDX-License-Identifier: Apache-2.0
// Real control groups, if the machine allows them; otherwise tests that this is reported or worked around.
#include "agent/process/cgroup.hpp"

#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/process/kill_tree.hpp"
#include "agent/process/process.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::process;
namespace fs = std::filesystem;

namespace {

std::string own_name(std::string_view test) {
  return "spyre-ci-unit-" + std::string(test) + "-" + std::to_string(::getpid());
}

}  // namespace

TEST_CASE("no control groups when they are off, and an error when a directory is not one") {
  CHECK(RunCgroup::create("off", own_name("off")).value() == nullptr);
  const auto directory = TemporaryDirectory::create().value();
  const auto refused = RunCgroup::create(directory.path().string(), "x");
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::config);
  CHECK(refused.error().message.find("not one itself") != std::string::npos);
  CHECK(!fs::exists(directory.path() / "x"));
  CHECK(!is_cgroup(directory.path()));
}

TEST_CASE("missing groups have no members and count as removed") {
  CHECK(cgroup_members("/sys/fs/cgroup/no such group").empty());
  CHECK(remove_cgroup("/sys/fs/cgroup/no such group"));
}

TEST_CASE(
    "a process that leaves its session and clears its environment is found by its group or its parent, and ended") {
  const auto cgroup = RunCgroup::create("auto", own_name("stray")).value();
  const fs::path group = cgroup == nullptr ? fs::path() : cgroup->add("w0", std::uint64_t{1} << 30).value();
  auto pipe = make_pipe().value();
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", "env -i setsid sh -c 'echo; exec 1>&-; exec sleep 1000' & wait"};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  options.fds = {{pipe.write.get(), 1}};
  options.cgroup = group;
  auto process = Process::start(options);
  REQUIRE(process);
  pipe.write.reset();
  char letter = 0;
  REQUIRE(::read(pipe.read.get(), &letter, 1) == 1);
  FamilyMarks marks{{}, {}, "", ::getpid(), group};  // found only by the group
  if (cgroup == nullptr) {
    marks.roots = {process->pid()};  // without control groups, by its parent
  } else {
    CHECK(cgroup->directory().filename() == own_name("stray"));
    CHECK(cgroup_members(group).size() == 2);
    CHECK(cgroup_members(cgroup->directory()).size() == 2);
  }

  const KilledTree ended = kill_tree(marks, std::chrono::minutes{1});
  CHECK(ended.killed == 2);
  CHECK(ended.stuck == 0);
  if (cgroup != nullptr) {
    CHECK(remove_cgroup(group));
    CHECK(!fs::exists(group));
  }
}
