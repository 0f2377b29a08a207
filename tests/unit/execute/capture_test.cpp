// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/capture.hpp"

#include <csignal>

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/execute/signals.hpp"
#include "agent/process/process.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

constexpr Seconds long_enough{60};

process::ProcessOptions shell(const std::string& script) {
  process::ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.environment = {{"PATH", "/usr/bin:/bin"}};
  return options;
}

Signals::Arrived next_of(Signals& signals) {
  pollfd watched{signals.fd(), POLLIN, 0};
  REQUIRE(::poll(&watched, 1, 60'000) == 1);
  return signals.next().value();
}

}  // namespace

TEST_CASE("the head and the tail of a long output are kept") {
  const auto captured = run_captured(shell("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo last"),
                                     long_enough, nullptr, 10'000);
  REQUIRE(captured.has_value());
  CHECK(captured->output.size() < 11'000);
  CHECK(captured->output.starts_with("first\n"));
  CHECK(captured->output.ends_with("last\n"));
}

TEST_CASE("a program that takes too long is killed with its descendants") {
  const auto captured = run_captured(shell("echo $$; sleep 1000 & sleep 1000"), Seconds{0.3});
  REQUIRE(captured.has_value());
  CHECK(captured->timed_out);
  CHECK(captured->status.signal == SIGKILL);
  const int group = std::stoi(captured->output);
  for (const process::ProcessInfo& process : process::list_processes()) {
    if (process.group == group) CHECK(process.state == 'Z');  // ended, and init's to wait for
  }
}

TEST_CASE("a stop signal can be read, even if it was ignored before") {
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

TEST_CASE("a signal of a descendant is recognised, and another signal of the same number arrives too") {
  auto signals = Signals::take();
  REQUIRE(signals.has_value());
  auto process = process::Process::start(shell(fmt::format("(kill -TERM {}; sleep 1000)", ::getpid())));
  REQUIRE(process.has_value());
  CHECK(next_of(*signals).sender == Signals::Sender::descendant);
  ::kill(::getpid(), SIGTERM);
  CHECK(next_of(*signals).sender == Signals::Sender::elsewhere);
}

TEST_CASE("only some senders stop a run") {
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

TEST_CASE("a running program is ended when a signal comes") {
  auto signals = Signals::take();
  REQUIRE(signals.has_value());
  ::kill(::getpid(), SIGTERM);
  const auto captured = run_captured(shell("sleep 1000"), long_enough, &*signals);
  REQUIRE(captured.has_value());
  CHECK(captured->interrupted_by == SIGTERM);
  CHECK_FALSE(captured->timed_out);
}

TEST_CASE("a write beyond the file size limit is an error while signals are taken") {
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto signals = Signals::take();
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto directory = TemporaryDirectory::create();
    const auto written = write_file(directory->path() / "file", std::string(100, 'x'));
    ::_exit(signals && !written && written.error().message.find("File too large") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
}
