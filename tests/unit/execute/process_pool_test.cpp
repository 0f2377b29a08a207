// SPDX-License-Identifier: Apache-2.0
// Real processes in the role of workers: small Python programs.
#include "agent/execute/process_pool.hpp"

#include <csignal>

#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/process/process_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

// The prologue of every player: say(event), read() → a command, and the three descriptors.
const std::string preamble = R"(
import json, os, signal, struct, sys, time
def say(**event):
    body = json.dumps(event).encode()
    os.write(4, struct.pack(">I", len(body)) + body)
def hello():
    say(event="hello", protocol=1, pid=os.getpid(), python="3", pytest="7", torch=None)
def take(size):
    data = b""
    while len(data) < size:
        part = os.read(3, size - len(data))
        if not part:
            sys.exit(4)
        data += part
    return data
def read():
    return json.loads(take(struct.unpack(">I", take(4))[0]))
)";

// A pool in which every worker runs the same player.
struct Stage {
  TemporaryDirectory directory = TemporaryDirectory::create("spyre-ci-stage-").value();
  SystemClock clock;
  Signals signals = Signals::take().value();
  std::vector<pid_t> leaders;
  std::unique_ptr<ProcessPool> pool;

  explicit Stage(const std::string& script, std::uint64_t memory_limit = 0) {
    REQUIRE(write_file(directory.path() / "player.py", preamble + script).has_value());
    pool = std::make_unique<ProcessPool>(
        ProcessPool::Options{
            [this](WorkerId worker, const std::vector<int>&) -> Result<WorkerLaunch> {
              WorkerLaunch launch;
              launch.process.argv = {"/usr/bin/python3", "-S", (directory.path() / "player.py").string()};
              launch.mark = "STAGE=" + directory.path().string() + "/" + std::to_string(worker);
              launch.process.environment = {{"STAGE", directory.path().string() + "/" + std::to_string(worker)}};
              launch.log = directory.path() / "log";
              launch.log_limit = 1000;
              return launch;
            },
            [this](pid_t pid) { leaders.push_back(pid); }, memory_limit},
        clock, signals);
  }

  template <typename Wanted>
  Wanted next() {
    while (true) {
      const PoolEvent event = pool->wait(clock.steady() + std::chrono::minutes{1});
      if (std::holds_alternative<DeadlinePassed>(event)) FAIL("nothing came");
      if (const auto* wanted = std::get_if<Wanted>(&event)) return *wanted;
    }
  }
  template <typename Wanted>
  Wanted next_event() {
    while (true) {
      const Event event = next<WorkerSaid>().event;
      if (const auto* wanted = std::get_if<Wanted>(&event)) return *wanted;
    }
  }
  bool anybody_left() const {
    return !process::with_environment(process::list_processes(), "STAGE=" + directory.path().string()).empty();
  }
};

}  // namespace

TEST_CASE("a worker sends hello, follows commands and ends") {
  Stage stage("hello()\nsay(event='problem', message=read()['command'])\nsys.exit(7)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  CHECK(stage.next_event<event::Hello>().pid == stage.leaders.at(0));
  stage.pool->send(0, command::Quit{});
  CHECK(stage.next_event<event::Problem>().message == "quit");
  const auto gone = stage.next<WorkerGone>();
  CHECK(gone.status == process::ExitStatus{7, std::nullopt});
  CHECK(gone.left == 0);
}

TEST_CASE("output before an event is reported before it, and logged with a limit") {
  Stage stage("print('x' * 10000, flush=True)\nprint('last words', flush=True)\nhello()\nread()");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  std::string printed;
  while (true) {
    const PoolEvent event = stage.pool->wait(stage.clock.steady() + std::chrono::minutes{1});
    if (const auto* text = std::get_if<WorkerPrinted>(&event)) printed += text->text;
    if (std::holds_alternative<WorkerSaid>(event)) break;
  }
  CHECK(printed.ends_with("last words\n"));
  CHECK(read_file(stage.directory.path() / "log.log").value().size() == 1000);
  CHECK(read_file(stage.directory.path() / "log.tail.log").value().ends_with("last words\n"));
}

TEST_CASE("a command that is larger than a pipe waits for the worker without blocking the agent") {
  Stage stage("hello()\ntime.sleep(0.2)\nsay(event='problem', message=str(len(read()['cases'])))");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.pool->send(0, command::Run{1, std::vector<int>(200'000, 1), "", 0});
  CHECK(stage.next_event<event::Problem>().message == "200000");
}

TEST_CASE("commands to a worker that is gone are ignored") {
  Stage stage("os.close(3)\nhello()\ntime.sleep(0.1)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.next_event<event::Hello>();
  for (int i = 0; i < 100; ++i) stage.pool->send(0, command::Close{});
  CHECK(stage.next<WorkerGone>().status.success());
  stage.pool->send(0, command::Close{});
  stage.pool->kill(0);
}

TEST_CASE("invalid events are reported once") {
  Stage stage("hello()\nos.write(4, b'\\xff' * 100)\nos.write(4, b'more')\nread()");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  CHECK_FALSE(stage.next<WorkerGarbled>().why.empty());
  stage.pool->kill(0);
  CHECK(stage.next<WorkerGone>().status.signal == SIGKILL);
}

TEST_CASE("killing a worker ends all of its processes") {
  Stage stage(R"(
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    time.sleep(1000)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
hello()
time.sleep(1000)
)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.next_event<event::Hello>();
  stage.pool->kill(0);
  const auto gone = stage.next<WorkerGone>();
  CHECK(gone.status.signal == SIGKILL);
  CHECK(gone.stuck == 0);
  CHECK_FALSE(stage.anybody_left());
}

TEST_CASE("a process that outlives its worker is ended and counted") {
  Stage stage(R"(
read_end, write_end = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(write_end, b"x")
    time.sleep(1000)
os.read(read_end, 1)
hello()
)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  const auto gone = stage.next<WorkerGone>();
  CHECK(gone.status.success());
  CHECK(gone.left == 1);
  CHECK_FALSE(stage.anybody_left());
}

TEST_CASE("signals reach only the groups of a worker's own processes") {
  Stage stage(R"(
signal.signal(signal.SIGTERM, lambda *_: (say(event='problem', message='asked to end'), os._exit(0)))
hello()
while True:
    time.sleep(0.05)
)");
  Stage other("hello()\nread()");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  REQUIRE(other.pool->start(0, {0}).has_value());
  const int pid = stage.next_event<event::Hello>().pid;
  const int stranger = other.next_event<event::Hello>().pid;
  for (const int target : {stranger, ::getpid(), 1, 0, -1}) stage.pool->signal(0, target, SIGKILL);
  CHECK(process::find_process(stranger).state != 'Z');
  stage.pool->signal(0, pid, SIGTERM);
  CHECK(stage.next_event<event::Problem>().message == "asked to end");
}

TEST_CASE("the stacks signal goes to one process, not to the programs of its group") {
  Stage stage(R"(
import subprocess
signal.signal(signal.SIGUSR1, lambda *_: say(event='problem', message='stacks'))
program = subprocess.Popen(['sleep', '1000'])
hello()
while program.poll() is None:
    time.sleep(0.05)
say(event='problem', message=f'the program was ended by {-program.returncode}')
os._exit(0)
)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  const int pid = stage.next_event<event::Hello>().pid;
  stage.pool->signal(0, pid, stacks_signal);
  CHECK(stage.next_event<event::Problem>().message == "stacks");
  stage.pool->signal(0, pid, SIGUSR2);
  CHECK(stage.next<WorkerGone>().status.signal == SIGUSR2);
}

TEST_CASE("output of a child into a file is a heartbeat") {
  Stage stage(R"(
hello()
ready, started = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    with open(os.environ['STAGE'].rpartition('/')[0] + '/captured', 'wb') as file:
        os.dup2(file.fileno(), 1)
    os.write(started, b'x')
    while True:
        os.write(1, b'alive')
        time.sleep(0.1)
os.read(ready, 1)
say(event='child', slice=1, pid=child)
read()
)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.next_event<event::ChildStarted>();
  CHECK(stage.next<WorkerPrinted>().text.empty());
  CHECK(stage.next<WorkerPrinted>().text.empty());
}

TEST_CASE("memory is reported if it is limited") {
  Stage stage("block = b'x' * (64 << 20)\nhello()\nread()", std::uint64_t{32} << 20);
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.next_event<event::Hello>();
  CHECK(stage.next<WorkerMemory>().bytes > std::uint64_t{64} << 20);
}

TEST_CASE("tests cannot stop the agent") {
  Stage stage("hello()\nos.kill(os.getppid(), signal.SIGTERM)\nread()");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  const auto ignored = stage.next<SignalIgnored>();
  CHECK(ignored.signal == SIGTERM);
  CHECK_FALSE(ignored.is_gone);
  ::kill(::getpid(), SIGTERM);
  CHECK(stage.next<StopRequested>().signal == SIGTERM);
}

TEST_CASE("a process without any mark is ended with its worker, or at the latest with the pool") {
  // It leaves its session, clears its environment and loses its parents; then the worker dies.
  Stage stage(R"(
reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.write(writing, str(os.getpid()).encode())
        os.execve("/bin/sleep", ["sleep", "1000"], {})
    os._exit(0)
os.wait()
hello()
say(event="problem", message=os.read(reading, 20).decode())
)");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  const pid_t stray = std::stoi(stage.next_event<event::Problem>().message);
  const auto gone = stage.next<WorkerGone>();
  CHECK(gone.left == 1);
  CHECK(process::find_process(stray).pid == 0);
}

TEST_CASE("a stop request and a deadline are events like any other") {
  Stage stage("hello()\nread()");
  REQUIRE(stage.pool->start(0, {0}).has_value());
  stage.next_event<event::Hello>();
  CHECK(std::holds_alternative<DeadlinePassed>(stage.pool->wait(stage.clock.steady())));
  ::kill(::getpid(), SIGINT);
  CHECK(stage.next<StopRequested>().signal == SIGINT);
}

TEST_CASE("destroying a pool leaves no process") {
  std::unique_ptr<Stage> stage = std::make_unique<Stage>("hello()\nread()");
  REQUIRE(stage->pool->start(0, {0}).has_value());
  REQUIRE(stage->pool->start(1, {1}).has_value());
  stage->next_event<event::Hello>();
  stage->pool.reset();
  CHECK_FALSE(stage->anybody_left());
}
