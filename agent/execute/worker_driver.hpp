// SPDX-License-Identifier: Apache-2.0
// One worker and the batch it works on, as a state machine: events and time go in, actions come out.
//
//   starting ─hello─► idle ─open─► opening ─collected─► open ─run─► running ─child_ended─► open
//                      ▲            │ too slow           │            │ too slow
//                      ├─host_ended─ abandoning           │           stopping ─child_ended─► open
//                      └─host_ended─ closing ◄────────────┘
//   from anywhere: ending ─► gone
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/config.hpp"
#include "agent/execute/action.hpp"
#include "agent/execute/batch_run.hpp"
#include "agent/execute/blame.hpp"

namespace spyre::execute {

struct WorkerRules {
  Config::Execute execute;
  std::string root, cwd;        // of the checkout; where tests run
  std::string junit_directory;  // for the JUnit files of slices; empty: none
  std::vector<std::string> pytest_args;
  Seconds budget{};            // after this time nothing new begins; 0: none
  bool plain_asserts = false;  // needed by tests that inspect their own code
  // Returns the batch's cases among the collected ones (node ids). Error: not_found, io, invalid.
  std::function<Result<std::vector<ChosenCase>>(const plan::Batch&, const std::vector<std::string>&)> choose;
  std::function<Seconds(const std::string& id)> case_limit;  // empty: execute.case_timeout
  // Returns the environment variables for one file. Empty: none.
  std::function<std::map<std::string, std::string>(const std::string& file)> file_environment;
  // The test classes that the worker makes of one file for a device that is not in PyTorch's tree. Empty: none.
  std::function<command::Inject(const std::string& file)> inject;
};

class WorkerDriver {
 public:
  enum class State { starting, idle, opening, abandoning, open, running, stopping, closing, ending, gone };

  // Starts the worker. `rules` outlive the driver.
  WorkerDriver(WorkerId id, std::vector<int> cards, const WorkerRules& rules, SteadyTime now, Actions& out);

  WorkerId id() const { return m_id; }
  const std::vector<int>& cards() const { return m_cards; }
  State state() const { return m_state; }
  // Return the current batch, or nullptr.
  const BatchRun* batch() const { return m_batch.get(); }
  // Return whether the worker works on a batch; if not, the caller decides what it does next.
  bool is_busy() const { return m_batch != nullptr && !m_batch->is_finished() && !is_left() && m_state != State::gone; }
  // Return whether a batch can be assigned: the worker has none, and lives.
  bool is_free() const;
  // Return the file that is open, so that its next batch costs no import; empty if there is none.
  const std::string& warm_file() const { return m_open_file; }
  // Return why the worker could not be started: it ended before `hello`, or is unusable.
  const std::string& start_failure() const { return m_start_failure; }
  // Return the first hardware fault signature, if there was one at any time, followed by the end of the output of the
  // worker and its tests.
  std::string last_words() const { return m_hardware_fault + m_printed.text(); }
  // Return whether a module that every worker needs cannot be imported: another start would fail too.
  bool is_unusable() const { return m_unusable; }
  // Return the resource that the machine refused, which is the fault of neither card nor batch; empty if none.
  const std::string& refusal() const { return m_refusal; }

  void assign(std::unique_ptr<BatchRun> batch, SteadyTime now, Actions& out);
  // Return the batch if it is finished, should continue elsewhere, or has lost its worker; nothing otherwise.
  std::unique_ptr<BatchRun> take_batch();

  void handle(const PoolEvent& event, SteadyTime now, Actions& out);
  // Do what is due.
  void tick(SteadyTime now, Actions& out);
  SteadyTime deadline() const;
  // Begin nothing new, for this cause: a running case, or a file that is being stopped, finishes within its own limits;
  // the rest of the batch does not run.
  void wind_down(const results::Cause& cause, SteadyTime now, Actions& out);
  // Let the worker end; kill it if it is still busy.
  void quit(SteadyTime now, Actions& out);
  void kill(Actions& out);
  // Ask the running case to end, so that it can clean up. kill() has to follow.
  void ask_to_end(Actions& out);

 private:
  enum class Cause { none, case_limit, stall, memory, batch_limit, faulty_card, unforkable, wind_down };
  enum class Stage { stacks, terminate, kill };

  void said(const event::Hello&, SteadyTime, Actions&);
  void said(const event::Unusable&, SteadyTime, Actions&);
  void said(const event::HostStarted&, SteadyTime, Actions&);
  void said(const event::Collected&, SteadyTime, Actions&);
  void said(const event::ChildStarted&, SteadyTime, Actions&);
  void said(const event::CaseStarted&, SteadyTime, Actions&);
  void said(const event::CaseFinished&, SteadyTime, Actions&);
  void said(const event::SliceDone&, SteadyTime, Actions&);
  void said(const event::ChildEnded&, SteadyTime, Actions&);
  void said(const event::HostEnded&, SteadyTime, Actions&);
  void said(const event::Refused&, SteadyTime, Actions&);
  void said(const event::Problem&, SteadyTime, Actions&);
  void handle_one(const WorkerSaid& message, SteadyTime now, Actions& out);
  void handle_one(const WorkerPrinted& printed, SteadyTime now, Actions& out);
  void handle_one(const WorkerGarbled& garbled, SteadyTime now, Actions& out);
  void handle_one(const WorkerGone& gone, SteadyTime now, Actions& out);
  void handle_one(const WorkerMemory& memory, SteadyTime now, Actions& out);
  void handle_one(const WorkerRefused& refused, SteadyTime now, Actions& out);
  template <typename Other>
  void handle_one(const Other&, SteadyTime, Actions&) {}

  void enter(State state, SteadyTime now);
  void look_for_sickness(std::string_view text);
  void go_on(SteadyTime now, Actions& out);
  void abandon_file(SteadyTime now, Actions& out);
  void kill_for_memory(SteadyTime now, Actions& out);
  void choose(double import_s, Actions& out);
  void run_slice(SteadyTime now, Actions& out);
  void slice_ended(const results::Attempt& blame, Actions& out);
  void stop_between_cases(SteadyTime now, Actions& out);
  Cause overdue(SteadyTime now) const;
  void stop_child(Cause cause, SteadyTime now, Actions& out);
  void begin_stop(Cause cause, SteadyTime now, Actions& out);
  void next_stage(SteadyTime now, Actions& out);
  // Return the result of the running case, or of the collected file, when its child or the worker itself is gone.
  results::Attempt blame(const process::ExitStatus& status, SteadyTime now) const;
  results::Attempt blame_loss(const process::ExitStatus& status, SteadyTime now) const;
  results::Attempt loss(const process::ExitStatus& status, Seconds duration) const;
  SteadyTime batch_ends() const;
  bool is_left() const { return m_state == State::open && m_batch->leaves(); }
  bool in_slice() const { return m_state == State::running || m_state == State::stopping; }
  bool is_late(const event::CaseFinished& finished) const;
  bool in_collection() const { return m_state == State::opening || m_state == State::abandoning; }
  int target() const { return m_state == State::abandoning ? m_host : m_child; }  // process to stop
  // Return whether the cases of its batch run in forked children.
  bool wants_fork() const { return m_rules.execute.isolation != Isolation::process && !m_batch->is_in_process(); }
  void judge_isolation(const event::Collected& collected, Actions& out);
  bool is_fork_failure(const event::CaseFinished& finished) const;
  void send(Command command, Actions& out) const;
  void warn(const std::string& message, Actions& out) const;

  WorkerId m_id;
  std::vector<int> m_cards;
  const WorkerRules& m_rules;
  std::unique_ptr<BatchRun> m_batch;
  State m_state = State::starting;
  SteadyTime m_entered{};    // time of the last change of state
  SteadyTime m_last_sign{};  // time of the last heartbeat
  bool m_greeted = false;
  bool m_killed = false;
  bool m_unusable = false;
  std::optional<results::Cause> m_winds_down;  // why nothing new begins
  std::string m_hardware_fault;                // the first hardware fault signature: the worker ends with its slice
  std::string m_start_failure;
  std::string m_refusal;
  std::string m_garbled;  // why its events are unreadable

  // The open file.
  std::string m_open_file;
  bool m_forks = true;  // a host of its own imports it, and forks
  bool m_ran = false;   // a slice of it has run
  int m_host = 0;       // its process, and process group
  event::Collected m_collected;
  bool m_chosen = false;  // the batch knows its cases among the collected ones

  // The slice.
  int m_slice = 0;  // numbers the slices of this worker, from 1
  std::string m_junit;
  int m_child = 0;  // its process, and process group
  bool m_done = false;
  SteadyTime m_case_since{};  // or the start of the file's collection
  Seconds m_case_limit{};
  RecentOutput m_printed;

  // The stop of a child, or of a host that collects.
  Cause m_cause = Cause::none;
  std::string m_culprit;  // id of the case that is to blame
  Stage m_stage = Stage::stacks;
  SteadyTime m_stage_ends{};
  std::uint64_t m_memory = 0;
};

}  // namespace spyre::execute
