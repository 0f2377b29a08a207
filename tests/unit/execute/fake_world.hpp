// SPDX-License-Identifier: Apache-2.0
// A world without processes: made-up files whose cases behave as specified, workers that exist only as events, and a
// clock that moves when all wait.
#pragma once

#include <algorithm>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/execute/worker_driver.hpp"
#include "agent/execute/worker_pool.hpp"

namespace spyre::execute::fake {

enum class Does {
  pass,
  fail,
  skip,
  crash,        // SIGSEGV
  exit_zero,    // os._exit(0)
  hang,         // until SIGTERM
  hang_hard,    // until SIGKILL
  obey,         // hangs until SIGTERM, and then passes
  slow,         // passes after slow_time
  grow,         // until it is stopped for its memory
  fail_once,    // passes the second time
  crash_once,   // likewise
  linger,       // passes, and then its child hangs until SIGTERM
  garble,       // writes to the events pipe, and its worker is killed
  unforkable,   // fails in a forked child, because its device refuses to work there
  show_fault,   // fails, and its captured output has a hardware fault signature
  kill_host,    // its host ends, and then the slice
  kill_worker,  // the worker ends
};

enum class Import { fine, error, skip, crash, hang, hang_hard, kill_worker };

struct File {
  std::vector<std::pair<std::string, Does>> cases;
  Import import = Import::fine;
  event::ForkCheck fork = {};  // as the worker sees it
  std::set<int> serial = {};   // cases with that mark
  std::vector<event::LeftOut> left_out = {};
};
using Files = std::map<std::string, File>;

constexpr std::chrono::seconds slow_time{40};

inline std::string id_of(const std::string& file, const std::string& name) {
  return file + "::" + name;
}

class World final : public WorkerPool {
 public:
  World(ManualClock& clock, Files files) : m_clock(clock), m_files(std::move(files)) {}

  // Cards on which no worker can start.
  std::set<int> broken_cards;
  bool no_gangs = false;         // nor on several at once
  std::set<int> dead_cards;      // on which every case hangs
  std::set<int> crashing_cards;  // on which every case crashes
  std::set<int> unusable_cards;  // on which a module that every worker needs cannot be imported
  int refused_starts = 0;        // so many times the machine refuses a process for a worker,
  int refused_slices = 0;        // or for a child
  event::DeviceState device;     // after the preload
  // Called before each event; may disturb the world through disturb().
  std::function<void(World&)> chaos;
  // How often each case was started, and each file opened.
  std::map<std::string, int> starts, opens;
  std::vector<int> signals;
  int started_workers = 0;
  // Cases of one file of which one was started while a slice with the other ran; and those among them of which one had
  // been started before.
  std::set<std::pair<std::string, std::string>> overlaps, repeated_overlaps;

  std::vector<WorkerId> living() const {
    std::vector<WorkerId> ids;
    for (const auto& [id, worker] : m_workers) ids.push_back(id);
    return ids;
  }
  void interrupt(int signal) { m_events.emplace_back(StopRequested{signal}); }
  // End the worker, and lose its unread messages.
  void lose(WorkerId id) {
    std::erase_if(m_events, [&](const PoolEvent& event) {
      const auto* said = std::get_if<WorkerSaid>(&event);
      return said != nullptr && said->worker == id;
    });
    gone(id, {std::nullopt, SIGKILL});
  }

  Result<void> start(WorkerId id, const std::vector<int>& cards) override {
    ++started_workers;
    for (const int card : cards) {
      for (const auto& [other, worker] : m_workers) {
        if (worker.cards.contains(card)) throw std::logic_error("two workers on one card");
      }
    }
    const auto is_any = [&](const std::set<int>& bad) {
      return std::any_of(cards.begin(), cards.end(), [&](int card) { return bad.contains(card); });
    };
    if (refused_starts > 0) {
      --refused_starts;
      return fail(ErrorKind::infra, "no more processes");
    }
    if (is_any(broken_cards) || (no_gangs && cards.size() > 1)) {
      m_events.emplace_back(WorkerPrinted{id, "the card does not answer"});
      gone(id, {});
      return {};
    }
    m_workers[id].cards = {cards.begin(), cards.end()};
    if (is_any(unusable_cards)) {
      say(id, event::Unusable{"ImportError: no torch", "libtorch.so: cannot open"});
      gone(id, {3, std::nullopt});
    } else {
      say(id, event::Hello{protocol_version, 100 + id, "3.11", "7.2", "1.13", 1, device});
    }
    return {};
  }

  void send(WorkerId id, const Command& command) override {
    if (!m_workers.contains(id)) return;
    if (const auto* open = std::get_if<command::Open>(&command)) return do_open(id, *open);
    if (const auto* run = std::get_if<command::Run>(&command)) return do_run(id, *run);
    if (std::holds_alternative<command::Close>(command) && m_workers[id].forks)
      return say(id, event::HostEnded{{0, {}}});
    const Worker& worker = m_workers[id];
    if (worker.forks && !worker.file.empty()) say(id, event::HostEnded{{0, {}}});
    gone(id, {0, std::nullopt});
  }

  void signal(WorkerId id, int pid, int signal) override {
    signals.push_back(signal);
    const auto found = m_workers.find(id);
    if (found == m_workers.end() || (found->second.child != pid && found->second.host != pid)) return;
    const Does hangs = found->second.hangs;
    if (signal == SIGUSR1) m_events.emplace_back(WorkerPrinted{id, "Current thread 0x1:\n  File \"hang.py\"\n"});
    if (pid == found->second.host) return signal_host(id, signal);
    if (signal == SIGTERM && hangs == Does::obey) {
      say(id, event::CaseFinished{found->second.hanging, results::Outcome::passed, 61, "", "", "its output"});
      return end_child(id, {0, std::nullopt});
    }
    if (signal == SIGKILL || (signal == SIGTERM && hangs != Does::hang_hard)) end_child(id, {std::nullopt, signal});
  }

  void kill(WorkerId id) override {
    if (m_workers.contains(id)) lose(id);
  }

  PoolEvent wait(SteadyTime deadline) override {
    if (chaos) chaos(*this);
    if (m_events.empty()) end_slow_case(deadline);
    if (m_events.empty()) {
      if (deadline > m_clock.steady()) m_clock.advance(deadline - m_clock.steady());
      if (m_clock.steady() > SteadyTime{} + std::chrono::hours{10'000})
        throw std::logic_error("nothing will ever happen");
      return DeadlinePassed{};
    }
    PoolEvent event = m_events.front();
    m_events.pop_front();
    if (const auto* gone = std::get_if<WorkerGone>(&event)) m_running.erase(gone->worker);
    if (const auto* said = std::get_if<WorkerSaid>(&event)) {
      if (std::holds_alternative<event::ChildEnded>(said->event)) m_running.erase(said->worker);
    }
    return event;
  }

 private:
  struct Worker {
    std::set<int> cards;
    std::string file;
    bool forks = true;
    int slice = 0;
    int child = 0;
    int host = 0;  // host that hangs in its import
    Does hangs = Does::pass;
    int hanging = 0;  // the hanging case
    std::optional<SteadyTime> slow_until = std::nullopt;
    std::vector<int> rest = {};  // of the slice, after the slow case
  };

  void say(WorkerId id, Event event) { m_events.emplace_back(WorkerSaid{id, std::move(event)}); }
  void gone(WorkerId id, process::ExitStatus status) {
    m_workers.erase(id);
    m_events.emplace_back(WorkerGone{id, status, 0, 0});
  }
  void signal_host(WorkerId id, int signal) {
    Worker& worker = m_workers.at(id);
    if (signal == SIGUSR1 || (signal == SIGTERM && m_files.at(worker.file).import == Import::hang_hard)) return;
    worker.host = 0;
    if (!worker.forks) return gone(id, {std::nullopt, signal});
    say(id, event::HostEnded{{std::nullopt, signal}});
  }
  void end_child(WorkerId id, process::ExitStatus status) {
    Worker& worker = m_workers.at(id);
    worker.child = 0;
    worker.slow_until.reset();
    if (!worker.forks) return gone(id, status);
    say(id, event::ChildEnded{worker.slice, status, 0, "written"});
  }

  void do_open(WorkerId id, const command::Open& open) {
    Worker& worker = m_workers.at(id);
    worker.file = open.file;
    worker.forks = open.fork;
    ++opens[open.file];
    say(id, event::HostStarted{200});
    const File& file = m_files.at(open.file);
    event::Collected collected{{}, 2, {}, file.left_out, {file.serial.begin(), file.serial.end()}, file.fork};
    switch (file.import) {
      case Import::hang:
      case Import::hang_hard:
        worker.host = 200;
        return;
      case Import::crash:
        if (!open.fork) return gone(id, {std::nullopt, SIGSEGV});
        return say(id, event::HostEnded{{std::nullopt, SIGSEGV}});
      case Import::kill_worker:
        return gone(id, {std::nullopt, SIGKILL});
      case Import::error:
        collected.errors.push_back({open.file, results::Outcome::error, "ImportError", "tb"});
        break;
      case Import::skip:
        collected.errors.push_back({open.file, results::Outcome::skipped, "not here", ""});
        break;
      case Import::fine:
        for (const auto& [name, does] : file.cases) collected.cases.push_back(id_of(open.file, name));
    }
    say(id, std::move(collected));
  }

  void do_run(WorkerId id, const command::Run& run) {
    Worker& worker = m_workers.at(id);
    if (refused_slices > 0) {
      --refused_slices;
      return say(id, event::Refused{"EAGAIN", "cannot start a process: no more processes"});
    }
    note_overlaps(id, worker.file, run.cases);
    worker.slice = run.slice;
    worker.child = 300 + run.slice;
    say(id, event::ChildStarted{run.slice, worker.child});
    run_cases(id, run.cases);
  }

  void run_cases(WorkerId id, const std::vector<int>& cases) {
    for (auto next = cases.begin(); next != cases.end(); ++next) {
      if (run_case(id, *next)) continue;
      if (const auto worker = m_workers.find(id); worker != m_workers.end())
        worker->second.rest = {next + 1, cases.end()};
      return;
    }
    Worker& worker = m_workers.at(id);
    say(id, event::SliceDone{worker.slice});
    worker.child = 0;
    say(id, event::ChildEnded{worker.slice, {0, {}}, 0, ""});
  }

  // Finish the first slow case that is due by then; its slice continues.
  void end_slow_case(SteadyTime deadline) {
    const auto ends = [](const auto& entry) { return entry.second.slow_until.value_or(SteadyTime::max()); };
    const auto first = std::ranges::min_element(m_workers, {}, ends);
    if (first == m_workers.end() || !first->second.slow_until || *first->second.slow_until > deadline) return;
    auto& [id, worker] = *first;
    m_clock.advance(std::max(*worker.slow_until - m_clock.steady(), SteadyTime::duration::zero()));
    worker.slow_until.reset();
    say(id, event::CaseFinished{worker.hanging, results::Outcome::passed, 40, "", "", ""});
    run_cases(id, std::vector<int>(worker.rest));
  }

  void note_overlaps(WorkerId id, const std::string& file, const std::vector<int>& cases) {
    const auto name = [&](int index) { return m_files.at(file).cases.at(static_cast<std::size_t>(index)).first; };
    for (const auto& [other, slice] : m_running) {
      if (slice.first != file) continue;
      for (const int running : slice.second) {
        for (const int started : cases) {
          overlaps.emplace(name(running), name(started));
          const bool repeated = starts[id_of(file, name(running))] > 1 || starts[id_of(file, name(started))] > 0;
          if (repeated) repeated_overlaps.emplace(name(running), name(started));
        }
      }
    }
    m_running[id] = {file, cases};
  }

  // Return whether the child still exists afterwards.
  bool run_case(WorkerId id, int index) {
    Worker& worker = m_workers.at(id);
    const auto& [name, written] = m_files.at(worker.file).cases.at(static_cast<std::size_t>(index));
    const Does does = dead_cards.contains(*worker.cards.begin())       ? Does::hang
                      : crashing_cards.contains(*worker.cards.begin()) ? Does::crash
                                                                       : written;
    const int attempt = ++starts[id_of(worker.file, name)];
    say(id, event::CaseStarted{index});
    const auto finish = [&](results::Outcome outcome) {
      say(id, event::CaseFinished{index, outcome, 0.01, "", "", ""});
    };
    worker.hangs = does;
    worker.hanging = index;
    switch (does) {
      case Does::pass:
        finish(results::Outcome::passed);
        return true;
      case Does::fail:
        finish(results::Outcome::failed);
        return true;
      case Does::skip:
        finish(results::Outcome::skipped);
        return true;
      case Does::fail_once:
        finish(attempt == 1 ? results::Outcome::failed : results::Outcome::passed);
        return true;
      case Does::crash_once:
        if (attempt > 1) {
          finish(results::Outcome::passed);
          return true;
        }
        [[fallthrough]];
      case Does::crash:
        end_child(id, {std::nullopt, SIGSEGV});
        return false;
      case Does::exit_zero:
        end_child(id, {0, std::nullopt});
        return false;
      case Does::grow:
        m_events.emplace_back(WorkerMemory{id, std::uint64_t{1} << 40});
        return false;
      case Does::kill_host:
        say(id, event::HostEnded{{std::nullopt, SIGKILL}});
        return false;
      case Does::kill_worker:
        gone(id, {std::nullopt, SIGKILL});
        return false;
      case Does::unforkable:
        if (worker.forks) {
          say(id, event::CaseFinished{index, results::Outcome::failed, 0.01,
                                      "RuntimeError: Cannot re-initialize FAKE in forked subprocess", "", ""});
        } else {
          finish(results::Outcome::passed);
        }
        return true;
      case Does::show_fault:
        say(id,
            event::CaseFinished{index, results::Outcome::failed, 0.01, "", "", "... RAS::VFIO::DeviceOpenFail ..."});
        return true;
      case Does::garble:
        m_events.emplace_back(WorkerGarbled{id, "not an event: {}"});
        return false;
      case Does::slow:
        worker.slow_until = m_clock.steady() + slow_time;
        return false;
      case Does::linger:
        finish(results::Outcome::passed);
        return false;
      case Does::hang:
      case Does::hang_hard:
      case Does::obey:
        return false;
    }
    return false;
  }

  ManualClock& m_clock;
  Files m_files;
  std::map<WorkerId, Worker> m_workers;
  std::map<WorkerId, std::pair<std::string, std::vector<int>>> m_running;  // file and cases of slices
  std::deque<PoolEvent> m_events;
};

}  // namespace spyre::execute::fake
