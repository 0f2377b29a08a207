// SPDX-License-Identifier: Apache-2.0
#include "agent/process/kill_tree.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include "agent/process/process.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::process;

namespace {

// agent 10 ── worker 20 (session 20) ── host 21 ── child 30 (session 30) ── 31
//          └─ orphan 40 (session 30)    other 50: init's
const std::vector<ProcessInfo> made_up{{10, 1, 10, 10, 'S', 1},  {20, 10, 20, 20, 'S', 2}, {21, 20, 20, 20, 'S', 3},
                                       {30, 21, 30, 30, 'S', 4}, {31, 30, 30, 30, 'S', 5}, {40, 10, 30, 30, 'S', 6},
                                       {50, 1, 30, 30, 'S', 7}};

// The numbers that a script prints, one on each line, as soon as they have come.
std::vector<pid_t> read_pids(int fd, std::size_t count) {
  std::string text;
  while (static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) < count) {
    char letter = 0;
    if (::read(fd, &letter, 1) != 1) break;
    text += letter;
  }
  std::istringstream lines(text);
  std::vector<pid_t> pids;
  for (pid_t pid = 0; lines >> pid;) pids.push_back(pid);
  return pids;
}

bool is_alive(pid_t pid) {
  const ProcessInfo process = find_process(pid);
  return process.pid == pid && process.state != 'Z';
}

}  // namespace

TEST_CASE("a line of /proc/<pid>/stat is parsed, whatever the name of the program") {
  const ProcessInfo info =
      parse_stat("77 (a) b (c) R 5 6 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456 1 1 18446744073709551615");
  CHECK(info.pid == 77);
  CHECK(info.state == 'R');
  CHECK(info.parent == 5);
  CHECK(info.group == 6);
  CHECK(info.session == 7);
  CHECK(info.started == 123456);
  CHECK(info.threads == 1);
  CHECK(parse_stat("").pid == 0);
  CHECK(parse_stat("77 (x) R 5").pid == 0);
}

TEST_CASE("the process list contains this process") {
  const auto all = list_processes();
  CHECK(std::any_of(all.begin(), all.end(), [](const ProcessInfo& each) { return each.pid == ::getpid(); }));
  CHECK(find_process(::getpid()).parent == ::getppid());
}

TEST_CASE("a family contains the roots, their descendants and their sessions beneath the agent") {
  CHECK(descendants(made_up, {20}) == std::set<pid_t>{20, 21, 30, 31});
  CHECK(living_members(made_up, {{20}, {}, "", 10}) == std::set<pid_t>{20, 21, 30, 31});
  CHECK(living_members(made_up, {{}, {30}, "", 10}) == std::set<pid_t>{30, 31, 40});
  CHECK(living_members(made_up, {{20}, {30}, "", 10}) == std::set<pid_t>{20, 21, 30, 31, 40});
  CHECK(living_members(made_up, {{10}, {}, "", 10}).count(10) == 0);
}

TEST_CASE("a process that has ended is not a living member") {
  auto processes = made_up;
  processes[4].state = 'Z';
  CHECK(living_members(processes, {{20}, {}, "", 10}) == std::set<pid_t>{20, 21, 30});
  processes[4].threads = 2;  // only the first of its threads has ended
  CHECK(living_members(processes, {{20}, {}, "", 10}) == std::set<pid_t>{20, 21, 30, 31});
}

TEST_CASE("a process whose first thread has ended is found and ended") {
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  ProcessOptions options;
  options.argv = {"/usr/bin/python3", "-S", "-c",
                  "import ctypes, os, threading\n"
                  "def tell():\n"
                  "    while open(f'/proc/{os.getpid()}/stat').read().rpartition(')')[2].split()[0] != 'Z': pass\n"
                  "    os.write(3, b'%d\\n' % os.getpid())\n"
                  "    threading.Event().wait()\n"
                  "threading.Thread(target=tell).start()\n"
                  "ctypes.CDLL(None).syscall(60, 0)\n"};  // exit: of this thread alone
  options.environment = {{"PATH", "/usr/bin:/bin"}, {"MARK", "first-thread-test"}};
  options.fds = {{pipe->write.get(), 3}};
  auto process = Process::start(options);
  REQUIRE(process.has_value());
  pipe->write.reset();
  REQUIRE(read_pids(pipe->read.get(), 1) == std::vector<pid_t>{process->pid()});
  // Only its environment identifies its family.
  CHECK(kill_tree({{}, {}, "MARK=first-thread-test", ::getpid()}, std::chrono::minutes{1}).killed == 1);
  CHECK_FALSE(is_alive(process->pid()));
}

TEST_CASE("no process escapes: neither by a session of its own, nor by a dead parent, nor by forking on") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  ProcessOptions options;
  // One descendant, one in a session of its own whose parent is gone, one that forks without end.
  options.argv = {"/bin/sh", "-c",
                  "sleep 1000 & echo $! >&3\n"
                  "(setsid sh -c 'echo $$ >&3; exec sleep 1000' &)\n"
                  "sh -c 'echo $$ >&3; while :; do sleep 0.01; done' &\n"
                  "wait"};
  options.environment = {{"PATH", "/usr/bin:/bin"}, {"MARK", "round-up-test"}};
  options.fds = {{pipe->write.get(), 3}};
  auto process = Process::start(options);
  REQUIRE(process.has_value());
  pipe->write.reset();
  const std::vector<pid_t> pids = read_pids(pipe->read.get(), 3);
  REQUIRE(pids.size() == 3);

  const auto ended =
      kill_tree({{process->pid()}, {process->pid()}, "MARK=round-up-test", ::getpid()}, std::chrono::minutes{1});
  CHECK(ended.killed >= 4);
  CHECK(ended.stuck == 0);
  CHECK(process->wait().signal == 9);
  for (const pid_t pid : pids) CHECK_FALSE(is_alive(pid));
  // The pipe has no writer any more: that is the proof.
  char letter = 0;
  CHECK(::read(pipe->read.get(), &letter, 1) == 0);
}

TEST_CASE("processes that clear their environment are found by their session, if it is known") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", "env -i /bin/sh -c 'echo $$ >&3; exec /bin/sleep 1000' & exit 0"};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  options.fds = {{pipe->write.get(), 3}};
  auto process = Process::start(options);
  REQUIRE(process.has_value());
  pipe->write.reset();
  const auto pids = read_pids(pipe->read.get(), 1);
  REQUIRE(pids.size() == 1);
  const pid_t session = process->pid();
  process->wait();

  const auto ended = kill_tree({{}, {session}, "MARK=nobody has this", ::getpid()}, std::chrono::minutes{1});
  CHECK(ended.killed == 1);
  CHECK(find_process(pids[0]).pid == 0);  // waited for, too: we had adopted it
}

TEST_CASE("memory_of counts all processes, and is exact above the limit") {
  const std::uint64_t cheap = memory_of({::getpid()}, std::uint64_t{1} << 40);
  const std::uint64_t exact = memory_of({::getpid()}, 0);
  CHECK(cheap > 1'000'000);
  CHECK(exact > 0);
  CHECK(exact <= cheap);
  CHECK(memory_of({}, 0) == 0);
}
