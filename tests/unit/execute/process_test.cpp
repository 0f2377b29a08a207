// SPDX-License-Identifier: Apache-2.0
// Real processes, small and short: /bin/sh and its like.
#include "agent/execute/process.hpp"

#include <csignal>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/execute/capture.hpp"
#include "agent/execute/process_table.hpp"
#include "agent/execute/signals.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

constexpr Seconds long_enough{60};

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  return options;
}

Captured run(const ProcessOptions& options, Seconds limit = long_enough) {
  auto captured = run_captured(options, limit);
  REQUIRE(captured.has_value());
  return *captured;
}

Signals::Arrived next_of(Signals& signals) {
  pollfd watched{signals.fd(), POLLIN, 0};
  REQUIRE(::poll(&watched, 1, 60'000) == 1);
  return signals.next().value();
}

}  // namespace

TEST_CASE("a process ends with a code or by a signal") {
  CHECK(run(shell("exit 0")).status.success());
  CHECK(run(shell("exit 9")).status == ExitStatus{9, std::nullopt});
  CHECK(run(shell("kill -9 $$")).status == ExitStatus{std::nullopt, 9});
}

TEST_CASE("standard output and standard error are kept apart, and input is empty") {
  const Captured captured = run(shell("cat; echo out; echo err >&2"));
  CHECK(captured.output == "out\n");
  CHECK(captured.errors == "err\n");
}

TEST_CASE("of a flood the head and the tail are kept") {
  const auto captured = run_captured(shell("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo last"),
                                     long_enough, nullptr, 10'000);
  REQUIRE(captured.has_value());
  CHECK(captured->output.size() < 11'000);
  CHECK(captured->output.starts_with("first\n"));
  CHECK(captured->output.ends_with("last\n"));
}

TEST_CASE("the environment and the folder are those given") {
  auto options = shell("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort; pwd");
  options.environment["ONLY"] = "this one";
  options.cwd = "/usr";
  CHECK(run(options).output == "ONLY=this one\nPATH=/usr/bin:/bin\n/usr\n");
}

TEST_CASE("a process has the descriptors it was given and no others") {
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  auto options = shell("echo hello >&7; ls /proc/self/fd");
  options.fds = {{pipe->write.get(), 7}};
  const Captured captured = run(options);
  std::string text(16, '\0');
  text.resize(static_cast<std::size_t>(::read(pipe->read.get(), text.data(), text.size())));
  CHECK(text == "hello\n");
  CHECK(captured.output == "0\n1\n2\n3\n7\n");  // 3: the folder that ls itself reads
}

TEST_CASE("descriptors may be given to numbers that others of them have here") {
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  // The ends swap their numbers.
  auto options = shell("echo swapped >&" + std::to_string(pipe->read.get()));
  options.fds = {{pipe->write.get(), pipe->read.get()}, {pipe->read.get(), pipe->write.get()}};
  CHECK(run(options).status.success());
  std::string text(16, '\0');
  text.resize(static_cast<std::size_t>(::read(pipe->read.get(), text.data(), text.size())));
  CHECK(text == "swapped\n");
}

TEST_CASE("a process has default signals although the agent ignores and blocks them") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGQUIT, &ignore, &before);
  auto signals = Signals::take();
  REQUIRE(signals.has_value());
  const std::string masks = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status")).output;
  ::sigaction(SIGQUIT, &before, nullptr);
  CHECK(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a process leads a session and a group of its own, without core dumps when told so") {
  auto options = shell("ps -o pid=,pgid=,sid= -p $$; ulimit -c");
  options.limits = {{RLIMIT_CORE, 0}};
  std::istringstream output(run(options).output);
  std::string pid, group, session, core;
  output >> pid >> group >> session >> core;
  CHECK(pid == group);
  CHECK(pid == session);
  CHECK(core == "0");
}

TEST_CASE("a process of root cannot reach into the agent, unless it is to keep what that takes") {
  const auto bounding = [](const ProcessOptions& options) { return std::stoull(run(options).output, nullptr, 16); };
  const unsigned long long ptrace = 1ULL << 19, admin = 1ULL << 21, perfmon = 1ULL << 38;
  ProcessOptions options = shell("sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status");
  if (::geteuid() != 0) return;  // nothing to lose
  CHECK((bounding(options) & (ptrace | admin | perfmon)) == 0);
  options.keep_capabilities = {*capability_of("CAP_SYS_ADMIN")};
  CHECK((bounding(options) & (ptrace | perfmon)) == 0);
  CHECK((bounding(options) & admin) != 0);
  CHECK_FALSE(capability_of("CAP_CHOWN"));
  CHECK(run(shell("sed -n 's/^CapInh:[[:space:]]*//p' /proc/self/status")).output == "0000000000000000\n");
  hide_from_other_processes();
  const auto peek = run(shell("cat /proc/" + std::to_string(::getpid()) + "/environ"));
  ::prctl(PR_SET_DUMPABLE, 1);
  CHECK_FALSE(peek.status.success());
  CHECK(peek.output.empty());
}

TEST_CASE("what cannot be started is an error that says why") {
  auto missing = shell("");
  missing.argv = {"/no/such/program"};
  auto started = Process::start(missing);
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().kind == ErrorKind::not_found);
  CHECK(started.error().message.find("/no/such/program") != std::string::npos);

  auto folder = shell("exit 0");
  folder.cwd = "/no/such/folder";
  CHECK(Process::start(folder).error().message.find("/no/such/folder") != std::string::npos);

  auto data = shell("");
  data.argv = {"/etc/passwd"};
  CHECK(Process::start(data).error().kind == ErrorKind::io);
}

TEST_CASE("a program is found on the path, or where its name says") {
  CHECK(find_program("sh", "/nowhere:/bin").value() == "/bin/sh");
  CHECK(find_program("/bin/sh", "").value() == "/bin/sh");
  CHECK(find_program("no-such-program", "/bin").error().kind == ErrorKind::not_found);
  CHECK(find_program("/etc/passwd", "/bin").error().kind == ErrorKind::not_found);
}

TEST_CASE("a program that takes too long is killed with its descendants") {
  const Captured captured = run(shell("echo $$; sleep 1000 & sleep 1000"), Seconds{0.3});
  CHECK(captured.timed_out);
  CHECK(captured.status.signal == SIGKILL);
  const int group = std::stoi(captured.output);
  for (const ProcessInfo& process : list_processes()) {
    if (process.group == group) CHECK(process.state == 'Z');  // ended, and init's to wait for
  }
}

TEST_CASE("a process that is let go of is killed") {
  pid_t pid = 0;
  {
    const auto process = Process::start(shell("exec sleep 1000"));
    REQUIRE(process.has_value());
    pid = process->pid();
    CHECK(find_process(pid).pid == pid);
  }
  CHECK(find_process(pid).pid == 0);
}

TEST_CASE("a stop signal can be read, also when it was ignored") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGTERM, &ignore, &before);
  {
    auto signals = Signals::take();
    REQUIRE(signals.has_value());
    CHECK_FALSE(signals->next().has_value());
    ::kill(::getpid(), SIGTERM);
    const auto arrived = next_of(*signals);
    CHECK(arrived.signal == SIGTERM);
    CHECK(arrived.pid == ::getpid());
    CHECK(arrived.sender == Signals::Sender::elsewhere);
    CHECK_FALSE(signals->next().has_value());
  }
  ::sigaction(SIGTERM, &before, nullptr);
}

TEST_CASE("a signal of a descendant is known as one, and another one of the same number comes too") {
  auto signals = Signals::take();
  REQUIRE(signals.has_value());
  auto process = Process::start(shell(fmt::format("(kill -TERM {}; sleep 1000)", ::getpid())));
  REQUIRE(process.has_value());
  CHECK(next_of(*signals).sender == Signals::Sender::descendant);
  ::kill(::getpid(), SIGTERM);
  CHECK(next_of(*signals).sender == Signals::Sender::elsewhere);
}

TEST_CASE("who stops a run") {
  using Sender = Signals::Sender;
  const SteadyTime start{};
  const auto after = [&](int seconds) { return start + std::chrono::seconds{seconds}; };
  StopRule rule;
  CHECK_FALSE(rule.stops(Sender::descendant, true, after(0)));
  CHECK_FALSE(rule.stops(Sender::descendant, true, after(1)));
  CHECK(rule.stops(Sender::elsewhere, true, after(2)));
  CHECK_FALSE(rule.stops(Sender::gone, true, after(10)));
  CHECK_FALSE(rule.stops(Sender::gone, true, after(16)));
  CHECK(rule.stops(Sender::gone, true, after(20)));
  CHECK(StopRule().stops(Sender::gone, false, after(0)));  // no test can have sent it
}

TEST_CASE("a program that runs is ended when a signal comes") {
  auto signals = Signals::take();
  REQUIRE(signals.has_value());
  ::kill(::getpid(), SIGTERM);
  const auto captured = run_captured(shell("sleep 1000"), long_enough, &*signals);
  REQUIRE(captured.has_value());
  CHECK(captured->interrupted_by == SIGTERM);
  CHECK_FALSE(captured->timed_out);
}

TEST_CASE("a file that would get too large is an error of the write while signals are taken") {
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto signals = Signals::take();
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto folder = TemporaryFolder::create();
    const auto written = write_file(folder->path() / "file", std::string(100, 'x'));
    ::_exit(signals && !written && written.error().message.find("File too large") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
}
