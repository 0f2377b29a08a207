// SPDX-License-Identifier: Apache-2.0
// Real processes, small and short. Limits that a test waits for are a fraction of a second; the others are a minute.
#include "agent/process/command.hpp"

#include <algorithm>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::process;

namespace {

Command shell_command(const std::string& script) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  command.environment = {"PATH=/usr/bin:/bin"};
  command.time_limit = Seconds{60};
  return command;
}

CommandResult result_of(const Command& command) {
  auto result = run_command(command);
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

// Run a script until it prints to standard error, then stop it.
CommandResult stop_when_ready(const std::string& script, Seconds grace) {
  Command command = shell_command(script);
  bool ready = false;
  command.on_errors = [&](std::string_view) { ready = true; };
  command.is_stop_requested = [&] { return ready; };
  command.grace = grace;
  return result_of(command);
}

// Wait for the end of a process that is not a child of this one.
bool ends(pid_t pid) {
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd watched{pidfd.get(), POLLIN, 0};
  return !pidfd || ::poll(&watched, 1, 60'000) == 1;
}

}  // namespace

TEST_CASE("a command has its own output, errors and environment") {
  Command command = shell_command("echo out; echo err >&2; cat; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort");
  command.environment.emplace_back("ONLY=this one");
  std::string pieces;
  command.on_errors = [&](std::string_view piece) { pieces += piece; };
  const CommandResult result = result_of(command);
  CHECK(result.success());
  CHECK(result.output == "out\nONLY=this one\nPATH=/usr/bin:/bin\n");
  CHECK(result.errors == "err\n");
  CHECK(pieces == "err\n");
}

TEST_CASE("arguments reach a command unchanged") {
  Command command = shell_command("printf '<%s>' \"$@\"");
  command.argv.insert(command.argv.end(), {"sh", "", "a b", "\"c\" \\", "$(d)\n", "-e"});
  CHECK(result_of(command).output == "<><a b><\"c\" \\><$(d)\n><-e>");
}

TEST_CASE("a command reads its input to the end, whatever the length") {
  Command command = shell_command("wc -c; cat /dev/stdin");
  command.input = std::string(3 << 20, 'x');
  command.output_limit = 4 << 20;
  const bool same = result_of(command).output == std::to_string(command.input.size()) + "\n" + command.input;
  CHECK(same);                     // not the text itself: Catch would print it
  command.argv.back() = "exit 0";  // without reading
  CHECK(result_of(command).success());
}

TEST_CASE("an exit code and a signal of the same number are distinguished") {
  CHECK(result_of(shell_command("exit 9")).status == ExitStatus{9, std::nullopt});
  CHECK(result_of(shell_command("kill -9 $$")).status == ExitStatus{std::nullopt, 9});
}

TEST_CASE("a failed start is an error by kind, and leaves no zombie") {
  const auto children = [] {
    const auto all = list_processes();
    return std::count_if(all.begin(), all.end(), [](const ProcessInfo& each) { return each.parent == ::getpid(); });
  };
  const auto before = children();
  Command command = shell_command("");
  command.argv = {"/no/such/program"};
  const auto missing = run_command(command);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().message.find("/no/such/program") != std::string::npos);
  command.argv = {"/etc/passwd"};
  CHECK(run_command(command).error().kind == ErrorKind::io);
  CHECK(children() == before);
  command.time_limit.reset();
  CHECK(run_command(command).error().kind == ErrorKind::internal);
}

TEST_CASE("a command that takes too long is stopped") {
  Command command = shell_command("exec sleep 1000");
  command.time_limit = Seconds{0.1};
  const CommandResult result = result_of(command);
  CHECK(result.stopped == StopReason::time_limit);
  CHECK_FALSE(result.success());
  CHECK(result.status == ExitStatus{std::nullopt, SIGTERM});
}

TEST_CASE("a command is stopped when it is silent for too long, not before") {
  Command command = shell_command("for i in 1 2 3 4 5 6 7 8 9 0; do echo $i >&2; sleep 0.12; done; exec sleep 1000");
  command.silence_limit = Seconds{1};
  const CommandResult result = result_of(command);
  CHECK(result.stopped == StopReason::silence_limit);
  CHECK(result.errors == "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n");
}

TEST_CASE("a command is stopped with its group when its caller requests it") {
  const CommandResult result = stop_when_ready("sleep 1000 & echo $!; echo ready >&2; sleep 1000", Seconds{60});
  CHECK(result.stopped == StopReason::requested);
  CHECK(result.status == ExitStatus{std::nullopt, SIGTERM});
  CHECK(ends(std::stoi(result.output)));
}

TEST_CASE("a command may clean up after SIGTERM, and is killed when it ignores it") {
  const std::string wait = "echo ready >&2; while :; do sleep 0.01; done";
  const CommandResult cleaned = stop_when_ready("trap 'echo cleaned; exit 3' TERM; " + wait, Seconds{60});
  CHECK(cleaned.stopped == StopReason::requested);
  CHECK(cleaned.status == ExitStatus{3, std::nullopt});
  CHECK(cleaned.output == "cleaned\n");
  CHECK(stop_when_ready("trap '' TERM; " + wait, Seconds{0.1}).status == ExitStatus{std::nullopt, SIGKILL});
}

TEST_CASE("a command that prints more than its limit is stopped, and the end of its errors is kept") {
  Command command = shell_command("exec yes");
  command.output_limit = 1000;
  const CommandResult flood = result_of(command);
  CHECK(flood.stopped == StopReason::output_limit);
  CHECK(flood.output.size() == 1000);
  command = shell_command("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo last >&2; head -c 1000 /dev/zero");
  command.output_limit = 1000;
  command.errors_limit = 100;
  const CommandResult errors = result_of(command);
  CHECK(errors.success());
  CHECK(errors.output.size() == 1000);
  CHECK(errors.errors == std::string(95, 'x') + "last\n");
}

TEST_CASE("a process that a command leaves behind does not keep the caller waiting") {
  const CommandResult result = result_of(shell_command("sleep 1000 & echo $!"));
  CHECK(result.success());
  const pid_t left = std::stoi(result.output);
  CHECK(::kill(left, SIGKILL) == 0);
}

TEST_CASE("a command has default signals, a session and no descriptors of the agent") {
  const int open = ::open("/dev/null", O_RDONLY);  // not closed on exec
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGQUIT, &ignore, &before);
  const CommandResult result = result_of(shell_command(
      "grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd; [ $(ps -o sid= -p $$) = $$ ] && echo leads"));
  ::sigaction(SIGQUIT, &before, nullptr);
  ::close(open);
  CHECK(result.output == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n1\n2\n3\nleads\n");  // 3: of ls
}

TEST_CASE("many threads may run commands at once") {
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (int& count : failures) {
    threads.emplace_back([&count] {
      for (int code = 0; code < 20; ++code) {
        const auto result = run_command(shell_command("echo $$; exit " + std::to_string(code)));
        if (!result || result->status != ExitStatus{code, std::nullopt} || result->output.empty()) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == std::vector<int>(4));
}
