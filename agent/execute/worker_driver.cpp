// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/worker_driver.hpp"

#include <algorithm>
#include <csignal>
#include <limits>

#include <fmt/format.h>

#include "agent/cards/health.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/isolation.hpp"

namespace spyre::execute {

using results::Attempt;
using results::Outcome;

namespace {

constexpr Seconds stacks_time{0.5};        // faulthandler writes its stacks at once, or never
constexpr Seconds kill_time{5};            // for the kernel to take a big process apart
constexpr std::size_t longest_sign = 100;  // length of a fault signature, which may arrive in two parts

SteadyTime after(SteadyTime time, Seconds seconds) {
  return time + std::chrono::duration_cast<SteadyTime::duration>(seconds);
}

}  // namespace

WorkerDriver::WorkerDriver(WorkerId id, std::vector<int> cards, const WorkerRules& rules, SteadyTime now, Actions& out)
    : m_id(id), m_cards(std::move(cards)), m_rules(rules), m_entered(now), m_last_sign(now) {
  out.emplace_back(StartWorker{m_id, m_cards});
}

bool WorkerDriver::is_free() const {
  return m_batch == nullptr && (m_state == State::starting || m_state == State::idle || m_state == State::open);
}

void WorkerDriver::assign(std::unique_ptr<BatchRun> batch, SteadyTime now, Actions& out) {
  m_batch = std::move(batch);
  m_chosen = false;
  if (m_rules.execute.batch_timeout > Seconds::zero() && !m_batch->ends()) {
    m_batch->set_end(after(now, m_rules.execute.batch_timeout));
  }
  go_on(now, out);
}

SteadyTime WorkerDriver::batch_ends() const {
  return m_batch == nullptr ? SteadyTime::max() : m_batch->ends().value_or(SteadyTime::max());
}

std::unique_ptr<BatchRun> WorkerDriver::take_batch() {
  if (m_batch != nullptr && (m_batch->is_finished() || is_left() || m_state == State::gone)) return std::move(m_batch);
  return nullptr;
}

void WorkerDriver::quit(SteadyTime now, Actions& out) {
  if (m_state != State::idle && m_state != State::open) return kill(out);
  send(command::Quit{}, out);
  enter(State::ending, now);
}

void WorkerDriver::kill(Actions& out) {
  if (m_killed || m_state == State::gone) return;
  m_killed = true;
  out.emplace_back(KillWorker{m_id});
}

void WorkerDriver::ask_to_end(Actions& out) {
  if (m_child > 0) out.emplace_back(SignalGroup{m_id, m_child, SIGTERM});
}

void WorkerDriver::handle(const PoolEvent& event, SteadyTime now, Actions& out) {
  std::visit([&](const auto& one) { handle_one(one, now, out); }, event);
}

void WorkerDriver::handle_one(const WorkerSaid& message, SteadyTime now, Actions& out) {
  m_last_sign = now;
  if (m_killed) return;  // it sent this before it was killed
  std::visit([&](const auto& event) { said(event, now, out); }, message.event);
}

void WorkerDriver::handle_one(const WorkerPrinted& printed, SteadyTime now, Actions&) {
  m_last_sign = now;
  m_printed.add(printed.text);
  const std::string_view all = m_printed.text();
  look_for_sickness(all.substr(all.size() - std::min(all.size(), printed.text.size() + longest_sign)));
}

void WorkerDriver::handle_one(const WorkerGarbled& garbled, SteadyTime, Actions& out) {
  m_garbled = garbled.why;
  kill(out);
}

void WorkerDriver::handle_one(const WorkerMemory& memory, SteadyTime now, Actions& out) {
  const std::uint64_t limit = m_rules.execute.memory_limit;
  if (limit == 0 || memory.bytes <= limit || m_killed) return;
  m_memory = memory.bytes;
  if (m_state == State::running) stop_child(Cause::memory, now, out);
  if (m_state == State::opening) {
    kill_for_memory(now, out);
  }
}

void WorkerDriver::handle_one(const WorkerRefused& refused, SteadyTime now, Actions&) {
  m_refusal = refused.message;
  enter(State::gone, now);
}

void WorkerDriver::handle_one(const WorkerGone& gone, SteadyTime now, Actions& out) {
  if (!m_greeted && m_start_failure.empty() && m_refusal.empty()) {
    const std::string why = evidence(m_printed.text());
    m_start_failure =
        fmt::format("it was ended by {} before it was ready{}{}", describe(gone.status), why.empty() ? "" : ": ", why);
  }
  if (in_slice()) {
    // Without a fork the worker is the child.
    slice_ended(m_forks || !m_garbled.empty() ? blame_loss(gone.status, now) : blame(gone.status, now), out);
  } else if (m_state == State::abandoning) {
    m_batch->not_collected(blame(gone.status, now), out);
  } else if (m_state == State::opening) {
    m_batch->worker_lost(loss(gone.status, now - m_entered), out);
  }
  if (!m_garbled.empty()) warn(m_garbled, out);
  if (gone.left > 0 && !m_killed) warn(fmt::format("left {} processes behind, which were ended", gone.left), out);
  if (gone.stuck > 0) warn(fmt::format("{} of its processes cannot be killed", gone.stuck), out);
  m_open_file.clear();
  enter(State::gone, now);
}

void WorkerDriver::said(const event::Hello& hello, SteadyTime now, Actions& out) {
  if (m_state != State::starting) return;
  if (hello.protocol != protocol_version) {
    m_start_failure = fmt::format("it speaks protocol {}, not {}", hello.protocol, protocol_version);
    m_unusable = true;
    return kill(out);
  }
  m_greeted = true;
  if (const std::string why = unusable_in_child(hello.device); !why.empty() && m_batch != nullptr) {
    if (m_rules.execute.isolation != Isolation::process) m_batch->run_all_in_process(why, out);
  }
  enter(State::idle, now);
  go_on(now, out);
}

void WorkerDriver::said(const event::Unusable& unusable, SteadyTime now, Actions&) {
  m_unusable = true;
  m_start_failure = unusable.message;
  if (!unusable.details.empty()) m_start_failure += "\n" + unusable.details;
  enter(State::ending, now);
}

void WorkerDriver::said(const event::HostStarted& host, SteadyTime, Actions&) {
  if (m_state == State::opening) m_host = host.pid;
}

void WorkerDriver::said(const event::Collected& collected, SteadyTime now, Actions& out) {
  if (m_state != State::opening) return;
  m_collected = collected;
  for (const event::CollectionError& error : collected.errors) look_for_sickness(error.details);
  enter(State::open, now);
  if (m_forks) judge_isolation(collected, out);
  if (m_forks == wants_fork()) choose(collected.seconds, out);
  go_on(now, out);
}

// The file may have to be imported again, without a fork.
void WorkerDriver::judge_isolation(const event::Collected& collected, Actions& out) {
  for (const event::CollectionError& error : collected.errors) {
    if (is_fork_error(error.message) || is_fork_error(error.details)) m_batch->run_in_process(error.message, out);
  }
  if (m_batch->is_in_process()) return;
  const IsolationChoice choice = choose_isolation(m_rules.execute.isolation, collected.fork);
  if (choice.isolation == Isolation::process) {
    m_batch->run_in_process(choice.why, out);
  } else if (!choice.why.empty()) {
    m_batch->tell_risk(choice.why, out);
  }
}

void WorkerDriver::said(const event::ChildStarted& child, SteadyTime, Actions&) {
  if (in_slice() && child.slice == m_slice) m_child = child.pid;
}

void WorkerDriver::said(const event::CaseStarted& started, SteadyTime now, Actions& out) {
  if (!in_slice() || m_cause == Cause::unforkable) return;
  m_batch->started(started.index, out);
  m_case_since = now;
  const std::string id = m_batch->running_id();
  m_case_limit = m_rules.case_limit && !id.empty() ? m_rules.case_limit(id) : m_rules.execute.case_timeout;
}

void WorkerDriver::said(const event::CaseFinished& finished, SteadyTime now, Actions& out) {
  if (!in_slice() || m_cause == Cause::unforkable) return;
  if (m_state == State::running && is_fork_failure(finished)) {
    m_batch->run_in_process(finished.message, out);
    return stop_child(Cause::unforkable, now, out);
  }
  if (is_late(finished)) {
    m_batch->finished_late(finished, blame({}, now), out);
  } else {
    m_batch->finished(finished, out);
  }
  look_for_sickness(finished.output);
  look_for_sickness(finished.details);
  // The cases after it would fail because of the card: they run elsewhere.
  if (m_state == State::running && !m_hardware_fault.empty()) stop_child(Cause::faulty_card, now, out);
  if (m_winds_down) stop_between_cases(now, out);
}

// Return whether the device refused to work because the case runs in a forked child. That does not count as an attempt.
bool WorkerDriver::is_fork_failure(const event::CaseFinished& finished) const {
  return m_forks && results::is_failure(finished.outcome) &&
         (is_fork_error(finished.message) || is_fork_error(finished.details));
}

// Return whether this is the case that is being stopped, so that it finished over its limit or, if only the batch's
// time was over, perhaps because of the signal.
bool WorkerDriver::is_late(const event::CaseFinished& finished) const {
  if (m_state != State::stopping || m_batch->running() != finished.index || m_batch->running_id() != m_culprit) {
    return false;
  }
  return m_cause == Cause::case_limit || (m_cause == Cause::batch_limit && m_stage != Stage::stacks);
}

void WorkerDriver::said(const event::SliceDone& done, SteadyTime, Actions&) {
  if (done.slice == m_slice) m_done = true;
}

void WorkerDriver::said(const event::ChildEnded& ended, SteadyTime now, Actions& out) {
  if (!in_slice() || ended.slice != m_slice) return;
  Attempt attempt = blame(ended.status, now);
  attempt.output = ended.output;
  look_for_sickness(ended.output);
  if (m_cause == Cause::none && ended.status.signal == SIGKILL) {
    attempt.cause.bytes = ended.rss;  // perhaps because memory ran out
  }
  slice_ended(attempt, out);
  enter(State::open, now);
  go_on(now, out);
}

void WorkerDriver::said(const event::HostEnded& ended, SteadyTime now, Actions& out) {
  if (m_state == State::ending) return;  // with the worker, which takes no further batch
  if (in_collection()) {
    m_batch->not_collected(m_cause == Cause::none
                               ? crash_in_collection(ended.status, now - m_case_since, m_printed.text())
                               : blame(ended.status, now),
                           out);
    m_cause = Cause::none;
  } else if (in_slice()) {
    // The child may live on and send more: only a new worker has a pipe without another writer.
    slice_ended(blame_loss(ended.status, now), out);
    enter(State::ending, now);
    return kill(out);
  }
  m_open_file.clear();
  m_host = 0;
  m_chosen = false;
  enter(State::idle, now);
  go_on(now, out);
}

// Another worker runs its batch, which has not lost anything.
void WorkerDriver::said(const event::Refused& refused, SteadyTime now, Actions& out) {
  m_refusal = refused.message;
  if (in_slice()) m_batch->take_back_slice();
  enter(State::ending, now);
  kill(out);
}

// Tests can write these events, too.
void WorkerDriver::said(const event::Problem& problem, SteadyTime, Actions& out) {
  out.emplace_back(note::Warning{problem.message, "workers"});
}

// Decide what is next for the batch when the worker waits for a command.
void WorkerDriver::go_on(SteadyTime now, Actions& out) {
  // When the worker is gone, the owner of the cards decides about them.
  if (!m_hardware_fault.empty() && (m_state == State::idle || m_state == State::open)) {
    if (m_chosen && m_batch != nullptr) m_batch->finish_if_done(out);
    return quit(now, out);
  }
  if (m_batch == nullptr || m_batch->is_finished()) return;
  const std::string file(m_batch->batch().file);
  if (m_state == State::idle) {
    m_open_file = file;
    m_chosen = false;
    m_host = 0;
    m_forks = wants_fork();
    m_ran = false;
    m_case_since = now;
    m_printed.clear();
    command::Open open{file, m_rules.root, m_rules.cwd, m_forks, m_rules.pytest_args, {}, m_rules.plain_asserts};
    if (m_rules.file_environment) open.environment = m_rules.file_environment(file);
    if (m_rules.inject) open.inject = m_rules.inject(file);
    send(open, out);
    enter(State::opening, now);
  } else if (m_state == State::open && (m_open_file != file || m_forks != wants_fork())) {
    send(command::Close{}, out);
    enter(State::closing, now);
  } else if (m_state == State::open) {
    if (!m_chosen) choose(0, out);
    if (!m_batch->finish_if_done(out) && !m_batch->leaves()) run_slice(now, out);
  }
}

// Its collection has to be ended from outside.
void WorkerDriver::abandon_file(SteadyTime now, Actions& out) {
  const Config::Execute& execute = m_rules.execute;
  Cause cause = Cause::case_limit;
  m_case_limit = std::max(execute.case_timeout, execute.stall_timeout);
  if (now >= after(m_last_sign, execute.stall_timeout)) cause = Cause::stall;
  if (now >= batch_ends()) cause = Cause::batch_limit;
  enter(State::abandoning, now);
  begin_stop(cause, now, out);
}

void WorkerDriver::kill_for_memory(SteadyTime now, Actions& out) {
  m_batch->not_collected(out_of_memory(m_memory, m_rules.execute.memory_limit, now - m_case_since), out);
  enter(State::ending, now);
  kill(out);
}

void WorkerDriver::choose(double import_s, Actions& out) {
  m_chosen = true;
  const auto cases = m_rules.choose(m_batch->batch(), m_collected.cases);
  if (cases) {
    m_batch->collected(m_collected, *cases, import_s, out);
  } else {
    m_batch->not_collected({Outcome::error, m_collected.seconds, cases.error().message, {}, {}, -1}, out);
  }
}

void WorkerDriver::run_slice(SteadyTime now, Actions& out) {
  // Without a fork a child is an interpreter, and a second slice needs a second one.
  if (!m_forks && m_ran) return quit(now, out);
  std::size_t limit = static_cast<std::size_t>(std::max(m_rules.execute.slice, 1));
  if (m_rules.execute.isolation == Isolation::test) limit = 1;
  if (!m_forks) limit = std::numeric_limits<std::size_t>::max();
  ++m_slice;
  m_ran = true;
  m_done = false;
  m_child = 0;
  m_case_since = now;
  m_printed.clear();
  m_junit = m_rules.junit_directory.empty() ? "" : fmt::format("{}/w{}-{}.xml", m_rules.junit_directory, m_id, m_slice);
  send(command::Run{m_slice, m_batch->next_slice(limit), m_junit, m_rules.execute.output_limit}, out);
  m_last_sign = now;
  enter(State::running, now);
}

void WorkerDriver::slice_ended(const Attempt& blame, Actions& out) {
  // The child was stopped for another case, which finished meanwhile, or for memory that the cases before this one may
  // have left behind: a child of its own will show that.
  const bool another = m_cause != Cause::none && m_batch->running_id() != m_culprit;
  const bool perhaps_another = m_cause == Cause::memory && !m_batch->slice_results().empty();
  if (another || perhaps_another) m_batch->clear_running();
  if (!m_junit.empty())
    out.emplace_back(CheckJunit{m_junit, m_batch->slice_results(), m_done && m_cause != Cause::unforkable});
  if (m_cause == Cause::wind_down || m_cause == Cause::unforkable) {
    m_batch->take_back_slice();
  } else {
    m_batch->child_ended(blame, out);
  }
  if (m_cause == Cause::batch_limit) {
    m_batch->end({results::Cause::Kind::batch_limit, m_rules.execute.batch_timeout.count()}, out);
  }
  if (m_winds_down) m_batch->end(*m_winds_down, out);
  m_batch->finish_if_done(out);
  m_cause = Cause::none;
  m_child = 0;
}

Attempt WorkerDriver::blame(const process::ExitStatus& status, SteadyTime now) const {
  const Seconds duration = now - m_case_since;
  switch (m_cause) {
    case Cause::case_limit:
      return out_of_time(m_case_limit, duration, m_printed.text());
    case Cause::stall:
      return stalled(m_rules.execute.stall_timeout, duration, m_printed.text());
    case Cause::memory:
      return out_of_memory(m_memory, m_rules.execute.memory_limit, duration);
    case Cause::batch_limit:
      return out_of_batch_time(m_rules.execute.batch_timeout, duration, m_printed.text());
    case Cause::faulty_card:
    case Cause::wind_down:
    case Cause::unforkable:
    case Cause::none:
      break;
  }
  return crash(status, duration, m_printed.text());
}

Attempt WorkerDriver::blame_loss(const process::ExitStatus& status, SteadyTime now) const {
  return m_cause == Cause::none ? loss(status, now - m_case_since) : blame(status, now);
}

Attempt WorkerDriver::loss(const process::ExitStatus& status, Seconds duration) const {
  return m_garbled.empty() ? worker_lost(status, duration, m_printed.text())
                           : worker_garbled(m_garbled, duration, m_printed.text());
}

void WorkerDriver::tick(SteadyTime now, Actions& out) {
  if (now < deadline()) return;
  switch (m_state) {
    case State::starting:
      m_start_failure = fmt::format("it was not ready after {}", format_duration(m_rules.execute.stall_timeout));
      return kill(out);
    case State::opening:
      return abandon_file(now, out);
    case State::running:
      return stop_child(overdue(now), now, out);
    case State::abandoning:
    case State::stopping:
      return next_stage(now, out);
    default:
      return kill(out);
  }
}

WorkerDriver::Cause WorkerDriver::overdue(SteadyTime now) const {
  if (m_batch->running() && now >= after(m_case_since, m_case_limit)) return Cause::case_limit;
  return now >= batch_ends() ? Cause::batch_limit : Cause::stall;
}

SteadyTime WorkerDriver::deadline() const {
  if (m_killed) return SteadyTime::max();
  const Config::Execute& execute = m_rules.execute;
  const SteadyTime stall = after(m_last_sign, execute.stall_timeout);
  switch (m_state) {
    case State::starting:
      return stall;
    // A file that keeps printing must not be collected forever either.
    case State::opening:
      return std::min({stall, after(m_entered, std::max(execute.case_timeout, execute.stall_timeout)), batch_ends()});
    case State::running:
      return std::min({stall, batch_ends(), m_batch->running() ? after(m_case_since, m_case_limit) : stall});
    case State::abandoning:
    case State::stopping:
      return m_stage_ends;
    case State::closing:
    case State::ending:
      return after(m_entered, execute.grace);
    default:
      return SteadyTime::max();
  }
}

void WorkerDriver::wind_down(const results::Cause& cause, SteadyTime now, Actions& out) {
  m_winds_down = cause;
  if (m_batch == nullptr || m_batch->is_finished() || m_state == State::abandoning) return;
  if (in_slice()) return stop_between_cases(now, out);
  m_batch->end(cause, out);
  if (m_state != State::opening) return;
  enter(State::ending, now);
  kill(out);
}

// The child knows all cases of its slice and would go on with the next one.
void WorkerDriver::stop_between_cases(SteadyTime now, Actions& out) {
  if (m_state == State::running && !m_batch->running() && m_batch->is_in_slice()) {
    stop_child(Cause::wind_down, now, out);
  }
}

void WorkerDriver::stop_child(Cause cause, SteadyTime now, Actions& out) {
  m_culprit = m_batch->running_id();
  enter(State::stopping, now);
  begin_stop(cause, now, out);
}

void WorkerDriver::begin_stop(Cause cause, SteadyTime now, Actions& out) {
  m_cause = cause;
  if (target() == 0) return kill(out);
  if (cause == Cause::memory) {
    m_stage = Stage::kill;
    m_stage_ends = after(now, kill_time);
    out.emplace_back(SignalGroup{m_id, target(), SIGKILL});
  } else if (cause == Cause::faulty_card || cause == Cause::wind_down || cause == Cause::unforkable) {
    m_stage = Stage::stacks;  // stacks are not needed
    next_stage(now, out);
  } else {
    m_stage = Stage::stacks;
    m_printed.clear();  // the next output is the stacks
    m_stage_ends = after(now, stacks_time);
    out.emplace_back(SignalGroup{m_id, target(), SIGUSR1});
  }
}

void WorkerDriver::next_stage(SteadyTime now, Actions& out) {
  switch (m_stage) {
    case Stage::stacks:
      m_stage = Stage::terminate;
      m_stage_ends = after(now, m_rules.execute.grace);
      out.emplace_back(SignalGroup{m_id, target(), SIGTERM});
      return;
    case Stage::terminate:
      m_stage = Stage::kill;
      m_stage_ends = after(now, kill_time);
      out.emplace_back(SignalGroup{m_id, target(), SIGKILL});
      return;
    case Stage::kill:
      return kill(out);
  }
}

void WorkerDriver::look_for_sickness(std::string_view text) {
  if (!m_hardware_fault.empty()) return;
  if (const auto sign = cards::hardware_fault_signature(text)) m_hardware_fault = *sign + "\n";
}

void WorkerDriver::enter(State state, SteadyTime now) {
  m_state = state;
  m_entered = now;
  if (state == State::opening || state == State::starting) m_last_sign = now;
}

void WorkerDriver::send(Command command, Actions& out) const {
  out.emplace_back(SendCommand{m_id, std::move(command)});
}

void WorkerDriver::warn(const std::string& message, Actions& out) const {
  out.emplace_back(note::Warning{fmt::format("worker {}: {}", m_id, message)});
}

}  // namespace spyre::execute
