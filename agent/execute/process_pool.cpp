// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/process_pool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/process/cgroup.hpp"

namespace spyre::execute {

namespace {

constexpr int commands_fd = 3;
constexpr int events_fd = 4;
// A process that survives SIGKILL hangs in the kernel, usually in a driver: wait for it this long.
constexpr std::chrono::seconds kill_tree_limit{20};
constexpr std::chrono::seconds stopping_limit{2};  // Jenkins kills an agent soon after it asks it to stop
constexpr std::chrono::milliseconds kill_tree_pause{50};
constexpr std::chrono::milliseconds memory_interval{500};
constexpr std::chrono::seconds capture_interval{1};
// Limit of bytes read from one pipe at a time, so that a worker that floods its pipe does not silence the others.
constexpr std::size_t read_limit = std::size_t{1} << 20;

// Return the available bytes; nothing if all writers have closed the pipe.
std::optional<std::string> read_available(int fd) {
  std::string bytes;
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read()
  while (bytes.size() < read_limit) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && bytes.empty()) return std::nullopt;
    if (got <= 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

// Return the bytes that a process has written so far if its standard output and error are files, as pytest's capture
// makes them.
std::uint64_t captured_bytes(pid_t pid) {
  std::uint64_t bytes = 0;
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat file {};
    if (::stat(fmt::format("/proc/{}/fd/{}", pid, fd).c_str(), &file) != 0 || !S_ISREG(file.st_mode)) continue;
    bytes += static_cast<std::uint64_t>(file.st_size);
  }
  return bytes;
}

int milliseconds_until(SteadyTime deadline, SteadyTime now) {
  if (deadline <= now) return 0;
  using std::chrono::milliseconds;
  // Rounded up, or the last millisecond would be a busy loop. At most an hour: the caller asks again.
  const auto left =
      std::chrono::ceil<milliseconds>(std::min<SteadyTime::duration>(deadline - now, std::chrono::hours{1}));
  return static_cast<int>(left.count());
}

}  // namespace

struct ProcessPool::Worker {
  WorkerId id = 0;
  process::Process process;
  UniqueFd commands, output, events;
  std::string unsent;
  FrameDecoder decoder;
  std::optional<CappedLog> log;
  process::FamilyMarks marks;
  pid_t child = 0;             // the child that runs cases now
  std::uint64_t captured = 0;  // bytes of its output when they were last checked
  bool garbled = false;
  std::optional<process::ExitStatus> status;     // set when it has ended
  std::optional<process::TreeKiller> kill_tree;  // set while its family is being ended
  SteadyTime kill_tree_next{};
  SteadyTime kill_tree_ends{};
};

ProcessPool::ProcessPool(Options options, const Clock& clock, Signals& signals)
    : m_options(std::move(options)), m_clock(clock), m_signals(signals) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const process::ProcessInfo& process : process::list_processes()) {
    if (process.parent == ::getpid()) m_children_before.insert(process.pid);
  }
}

ProcessPool::~ProcessPool() {
  for (auto& [id, worker] : m_workers) kill(id);
  while (!m_workers.empty()) poll_once(m_clock.steady() + kill_tree_pause);
  if (std::set<pid_t> left = strays(); !left.empty()) {
    process::kill_tree({{}, {}, {}, ::getpid(), {}, std::move(left)}, stopping_limit);
  }
}

// Return children of the agent that are neither workers nor its own: a dead worker's process left its session and
// cleared its environment, and its parents have ended. Processes of a living worker are inherited by that worker.
std::set<pid_t> ProcessPool::strays() const {
  std::set<pid_t> found;
  for (const process::ProcessInfo& process : process::list_processes()) {
    const auto is_its_worker = [&](const auto& entry) { return entry.second->process.pid() == process.pid; };
    if (process.parent != ::getpid() || m_children_before.contains(process.pid)) continue;
    if (!std::ranges::any_of(m_workers, is_its_worker)) found.insert(process.pid);
  }
  return found;
}

Result<void> ProcessPool::start(WorkerId id, const std::vector<int>& cards) {
  TRY(WorkerLaunch launch, m_options.launch(id, cards));
  TRY(process::Pipe commands, process::make_pipe());
  TRY(process::Pipe events, process::make_pipe());
  TRY(process::Pipe output, process::make_pipe());
  CHECK_OK(process::set_nonblocking(commands.write.get()));
  CHECK_OK(process::set_nonblocking(events.read.get()));
  CHECK_OK(process::set_nonblocking(output.read.get()));
  std::optional<CappedLog> log;
  if (!launch.log.empty()) {
    TRY(log, CappedLog::open(launch.log, launch.log_limit));
  }
  const auto number = [](int fd) { return std::to_string(fd); };
  launch.process.argv.insert(launch.process.argv.end(),
                             {"--commands", number(commands_fd), "--events", number(events_fd)});
  launch.process.fds = {{output.write.get(), STDOUT_FILENO},
                        {output.write.get(), STDERR_FILENO},
                        {commands.read.get(), commands_fd},
                        {events.write.get(), events_fd}};
  TRY(process::Process process, process::Process::start(launch.process));
  const pid_t pid = process.pid();
  auto worker = std::make_unique<Worker>(
      Worker{id,
             std::move(process),
             std::move(commands.write),
             std::move(output.read),
             std::move(events.read),
             {},
             {},
             std::move(log),
             process::FamilyMarks{{pid}, {pid}, launch.mark, ::getpid(), launch.process.cgroup},
             0,
             0,
             false,
             {},
             {},
             {},
             {}});
  m_workers.insert_or_assign(id, std::move(worker));
  if (m_options.leader_started) m_options.leader_started(pid);
  return {};
}

void ProcessPool::send(WorkerId id, const Command& command) {
  const auto found = m_workers.find(id);
  if (found == m_workers.end()) return;
  found->second->unsent += encode_frame(encode(command));
  flush_commands(*found->second);
}

void ProcessPool::signal(WorkerId id, int pid, int signal) {
  const auto found = m_workers.find(id);
  if (found == m_workers.end() || found->second->status || pid <= 1) return;
  // The number came through a pipe that tests can write to.
  const auto family = process::descendants(process::list_processes(), found->second->marks.roots);
  if (!family.contains(pid) || ::getpgid(pid) != pid) return;
  // Other programs of the group have no Python stacks: that signal would end them.
  ::kill(signal == stacks_signal ? pid : -pid, signal);
}

void ProcessPool::kill(WorkerId id) {
  const auto found = m_workers.find(id);
  if (found == m_workers.end() || found->second->kill_tree) return;
  begin_kill_tree(*found->second);
}

void ProcessPool::begin_kill_tree(Worker& worker) {
  worker.kill_tree.emplace(worker.marks);
  worker.kill_tree_next = m_clock.steady();
  worker.kill_tree_ends = worker.kill_tree_next + (m_stopping ? stopping_limit : kill_tree_limit);
}

PoolEvent ProcessPool::wait(SteadyTime deadline) {
  while (m_events.empty()) {
    const SteadyTime now = m_clock.steady();
    poll_once(deadline);
    if (m_events.empty() && now >= deadline) return DeadlinePassed{};
  }
  PoolEvent event = std::move(m_events.front());
  m_events.pop_front();
  return event;
}

void ProcessPool::poll_once(SteadyTime deadline) {
  std::vector<pollfd> fds;
  std::vector<Watch> watches;
  const auto watch = [&](int fd, short events, Watched what, WorkerId worker) {
    if (fd < 0) return;
    fds.push_back({fd, events, 0});
    watches.push_back({what, worker});
  };
  watch(m_signals.fd(), POLLIN, Watched::signals, -1);
  const SteadyTime now = m_clock.steady();
  for (const auto& [id, worker] : m_workers) {
    if (!worker->unsent.empty()) watch(worker->commands.get(), POLLOUT, Watched::commands, id);
    watch(worker->output.get(), POLLIN, Watched::output, id);
    watch(worker->events.get(), POLLIN, Watched::events, id);
    if (!worker->status) watch(worker->process.pidfd(), POLLIN, Watched::exit, id);
    if (!worker->kill_tree) continue;
    for (const int pidfd : worker->kill_tree->pidfds()) watch(pidfd, POLLIN, Watched::kill_tree, id);
    deadline = std::min(deadline, worker->kill_tree_next);
  }
  if (!m_workers.empty()) deadline = std::min(deadline, m_next_look);
  if (m_options.memory_limit > 0 && !m_workers.empty()) deadline = std::min(deadline, m_next_measurement);

  ::poll(fds.data(), fds.size(), milliseconds_until(deadline, now));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (fds[i].revents != 0) look_at(watches[i]);
  }
  const SteadyTime later = m_clock.steady();
  // Numbers, not iterators: a worker that is gone is removed from the map.
  std::vector<WorkerId> ending;
  for (const auto& [id, worker] : m_workers) {
    if (worker->kill_tree && later >= worker->kill_tree_next) ending.push_back(id);
  }
  for (const WorkerId id : ending) kill_tree(*m_workers.at(id), later);
  if (m_options.memory_limit > 0 && later >= m_next_measurement) measure_memory(later);
  if (later >= m_next_look) look_at_captured(later);
}

void ProcessPool::look_at(const Watch& watch) {
  if (watch.what == Watched::signals) {
    while (const auto arrived = m_signals.next()) stop_requested(*arrived);
    return;
  }
  Worker& worker = *m_workers.at(watch.worker);
  switch (watch.what) {
    case Watched::commands:
      return flush_commands(worker);
    case Watched::output:
      return read_output(worker);
    case Watched::events:
      return read_events(worker);
    case Watched::exit:
      return exited(worker);
    case Watched::kill_tree:
      worker.kill_tree_next = m_clock.steady();
      return;
    case Watched::signals:
      return;
  }
}

void ProcessPool::stop_requested(const Signals::Arrived& arrived) {
  const SteadyTime now = m_clock.steady();
  if (!m_stop_rule.stops(arrived.sender, !m_workers.empty(), now)) {
    // A run that obeyed the signals of tests would be interrupted at every attempt to resume it.
    const bool is_gone = arrived.sender == Signals::Sender::gone;
    m_events.emplace_back(SignalIgnored{arrived.signal, arrived.pid, is_gone});
    return;
  }
  m_stopping = true;
  const SteadyTime latest = now + stopping_limit;
  for (const auto& [id, worker] : m_workers) worker->kill_tree_ends = std::min(worker->kill_tree_ends, latest);
  m_events.emplace_back(StopRequested{arrived.signal});
}

void ProcessPool::flush_commands(Worker& worker) {
  while (worker.commands && !worker.unsent.empty()) {
    const ssize_t written = ::write(worker.commands.get(), worker.unsent.data(), worker.unsent.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) {
      // The pipe has no reader any more; the pidfd reports that the worker ended.
      worker.commands.reset();
      worker.unsent.clear();
      return;
    }
    worker.unsent.erase(0, static_cast<std::size_t>(written));
  }
}

void ProcessPool::read_output(Worker& worker) {
  if (!worker.output) return;
  auto bytes = read_available(worker.output.get());
  if (!bytes) return worker.output.reset();
  if (bytes->empty()) return;
  if (worker.log) worker.log->write(*bytes);
  m_events.emplace_back(WorkerPrinted{worker.id, std::move(*bytes)});
}

void ProcessPool::read_events(Worker& worker) {
  if (!worker.events) return;
  const auto bytes = read_available(worker.events.get());
  if (!bytes) return worker.events.reset();
  if (worker.garbled) return;
  // Output that was printed before an event must be reported before it.
  read_output(worker);
  worker.decoder.feed(*bytes);
  take_frames(worker);
}

void ProcessPool::take_frames(Worker& worker) {
  while (!worker.garbled) {
    auto frame = worker.decoder.next();
    if (frame && !*frame) return;
    auto event =
        frame ? decode_event(**frame, m_options.text_limit) : Result<Event>(tl::make_unexpected(frame.error()));
    if (!event) {
      worker.garbled = true;
      m_events.emplace_back(WorkerGarbled{worker.id, event.error().message});
      return;
    }
    if (const auto* child = std::get_if<event::ChildStarted>(&*event);
        child != nullptr && is_own_child(worker, child->pid)) {
      const bool is_new = worker.marks.sessions.insert(child->pid).second;
      worker.child = child->pid;
      if (is_new && m_options.leader_started) m_options.leader_started(child->pid);
    }
    m_events.emplace_back(WorkerSaid{worker.id, std::move(*event)});
  }
}

// Tests can write to the pipe that carried the number.
bool ProcessPool::is_own_child(const Worker& worker, pid_t pid) const {
  const process::ProcessInfo child = process::find_process(pid);
  return child.pid == pid && child.session == pid &&
         !process::with_environment({child}, worker.marks.environment).empty();
}

void ProcessPool::exited(Worker& worker) {
  worker.status = worker.process.try_wait();
  if (!worker.status) return;
  // Its last messages are still in the pipes.
  for (std::size_t before = m_events.size() + 1; worker.events && before != m_events.size();) {
    before = m_events.size();
    read_events(worker);
  }
  read_output(worker);
  worker.commands.reset();
  // From here on its number may belong to another process.
  worker.marks.roots.clear();
  begin_kill_tree(worker);
}

void ProcessPool::kill_tree(Worker& worker, SteadyTime now) {
  worker.kill_tree_next = now + kill_tree_pause;
  bool all_gone = worker.kill_tree->step();
  if (all_gone && worker.status) {
    worker.kill_tree->add(strays());
    all_gone = worker.kill_tree->step();
  }
  const bool give_up = now >= worker.kill_tree_ends;
  if (!give_up && (!all_gone || !worker.status)) return;
  if (!worker.status) worker.process.abandon();
  const auto killed = static_cast<int>(worker.kill_tree->killed());
  const auto stuck = static_cast<int>(worker.kill_tree->pidfds().size());
  m_events.emplace_back(WorkerGone{worker.id, worker.status.value_or(process::ExitStatus{}), killed, stuck});
  if (!worker.marks.cgroup.empty()) process::remove_cgroup(worker.marks.cgroup);
  m_workers.erase(worker.id);
}

// Output of a case is a heartbeat, though it reaches the agent only when the case has ended.
void ProcessPool::look_at_captured(SteadyTime now) {
  m_next_look = now + capture_interval;
  for (const auto& [id, worker] : m_workers) {
    if (worker->child == 0 || worker->status || worker->kill_tree) continue;
    const std::uint64_t bytes = captured_bytes(worker->child);
    if (bytes > std::exchange(worker->captured, bytes)) m_events.emplace_back(WorkerPrinted{id, {}});
  }
}

void ProcessPool::measure_memory(SteadyTime now) {
  m_next_measurement = now + memory_interval;
  const std::vector<process::ProcessInfo> processes = process::list_processes();
  for (const auto& [id, worker] : m_workers) {
    if (worker->status || worker->kill_tree) continue;
    const std::uint64_t bytes =
        process::memory_of(process::descendants(processes, worker->marks.roots), m_options.memory_limit);
    m_events.emplace_back(WorkerMemory{id, bytes});
  }
}

}  // namespace spyre::execute
