// SPDX-License-Identifier: Apache-2.0
// Real processes, small and short: /bin/sh and its like.
#include "agent/process/process.hpp"

#include <array>
#include <csignal>
#include <sstream>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::process;

namespace {

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  return options;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::read(fd, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  return text;
}

struct Ran {
  ExitStatus status;
  std::string output, errors;  // less than what a pipe holds
};

Ran run(ProcessOptions options) {
  Pipe output = make_pipe().value();
  Pipe errors = make_pipe().value();
  options.fds.emplace_back(output.write.get(), STDOUT_FILENO);
  options.fds.emplace_back(errors.write.get(), STDERR_FILENO);
  auto process = Process::start(options);
  REQUIRE(process.has_value());
  output.write.reset();
  errors.write.reset();
  Ran ran;
  ran.output = read_to_end(output.read.get());
  ran.errors = read_to_end(errors.read.get());
  ran.status = process->wait();
  return ran;
}

}  // namespace

TEST_CASE("a process ends with a code or by a signal") {
  CHECK(run(shell("exit 0")).status.success());
  CHECK(run(shell("exit 9")).status == ExitStatus{9, std::nullopt});
  CHECK(run(shell("kill -9 $$")).status == ExitStatus{std::nullopt, 9});
}

TEST_CASE("standard output and standard error are separate, and input is empty") {
  const Ran captured = run(shell("cat; echo out; echo err >&2"));
  CHECK(captured.output == "out\n");
  CHECK(captured.errors == "err\n");
}

TEST_CASE("a process gets exactly the given environment and directory") {
  auto options = shell("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort; pwd");
  options.environment["ONLY"] = "this one";
  options.cwd = "/usr";
  CHECK(run(options).output == "ONLY=this one\nPATH=/usr/bin:/bin\n/usr\n");
}

TEST_CASE("a process has only the given descriptors") {
  auto pipe = make_pipe();
  REQUIRE(pipe.has_value());
  auto options = shell("echo hello >&7; ls /proc/self/fd");
  options.fds = {{pipe->write.get(), 7}};
  const Ran captured = run(options);
  std::string text(16, '\0');
  text.resize(static_cast<std::size_t>(::read(pipe->read.get(), text.data(), text.size())));
  CHECK(text == "hello\n");
  CHECK(captured.output == "0\n1\n2\n3\n7\n");  // 3: the directory that ls itself reads
}

TEST_CASE("descriptors may be assigned to numbers that other given descriptors have here") {
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
  sigset_t blocked, mask_before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
  const std::string masks = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status")).output;
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::sigaction(SIGQUIT, &before, nullptr);
  CHECK(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a process leads a session and a group of its own, without core dumps if so configured") {
  auto options = shell("ps -o pid=,pgid=,sid= -p $$; ulimit -c");
  options.limits = {{RLIMIT_CORE, 0}};
  std::istringstream output(run(options).output);
  std::string pid, group, session, core;
  output >> pid >> group >> session >> core;
  CHECK(pid == group);
  CHECK(pid == session);
  CHECK(core == "0");
}

TEST_CASE("a process of root cannot reach into the agent, unless it keeps the capabilities for it") {
  const auto bounding = [](const ProcessOptions& options) { return std::stoull(run(options).output, nullptr, 16); };
  const unsigned long long ptrace = 1ULL << 19, admin = 1ULL << 21, perfmon = 1ULL << 38;
  ProcessOptions options = shell("sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status");
  if (::geteuid() != 0) return;  // has no capabilities to drop
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

TEST_CASE("a failed start is an error with the reason") {
  auto missing = shell("");
  missing.argv = {"/no/such/program"};
  auto started = Process::start(missing);
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().kind == ErrorKind::not_found);
  CHECK(started.error().message.find("/no/such/program") != std::string::npos);

  auto directory = shell("exit 0");
  directory.cwd = "/no/such/directory";
  CHECK(Process::start(directory).error().message.find("/no/such/directory") != std::string::npos);

  auto data = shell("");
  data.argv = {"/etc/passwd"};
  CHECK(Process::start(data).error().kind == ErrorKind::io);
}

TEST_CASE("a program is found on the path, or at its own path") {
  CHECK(find_program("sh", "/nowhere:/bin").value() == "/bin/sh");
  CHECK(find_program("/bin/sh", "").value() == "/bin/sh");
  CHECK(find_program("no-such-program", "/bin").error().kind == ErrorKind::not_found);
  CHECK(find_program("/etc/passwd", "/bin").error().kind == ErrorKind::not_found);
}

TEST_CASE("a process is killed when its handle is destroyed") {
  pid_t pid = 0;
  {
    const auto process = Process::start(shell("exec sleep 1000"));
    REQUIRE(process.has_value());
    pid = process->pid();
    CHECK(find_process(pid).pid == pid);
  }
  CHECK(find_process(pid).pid == 0);
}
