// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/batch_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "agent/core/hash.hpp"
#include "agent/execute/expected.hpp"

namespace spyre::execute {

using results::Attempt;
using results::Outcome;

namespace {

// A child that ends before it begins a case says nothing about the case. After the second such child in a row the case
// is blamed; otherwise the batch would never end.
constexpr int fruitless_limit = 2;

Attempt attempt_of(const event::CaseFinished& event, int card) {
  return {event.outcome, event.seconds, event.message, event.details, event.output, card};
}

Attempt not_run_because(const results::Cause& cause) {
  return {Outcome::not_run, 0, {}, {}, {}, -1, cause};
}

}  // namespace

bool RunKnowledge::retries_allowed() const {
  return failed <= retry_least || static_cast<double>(failed) <= retry_share * static_cast<double>(finished);
}

BatchRun::BatchRun(const plan::Batch& batch, int card, RunKnowledge& knowledge)
    : m_batch(batch), m_card(card), m_knowledge(knowledge) {}

void BatchRun::move_to(int card) {
  m_card = card;
  m_flees = m_hung = m_unproven = false;
}

bool BatchRun::leaves() const {
  if (m_finished || !m_slice.empty()) return false;
  return wants_another_card() || !may_run();
}

bool BatchRun::wants_another_card() const {
  if (m_batch.cards > 1) return false;
  return m_flees || (m_waiting.empty() && !m_again.empty() && (m_hung || m_unproven));
}

bool BatchRun::is_alone_next() const {
  if (!m_waiting.empty()) return m_cases[m_waiting.front()].chosen.serial;
  return !m_again.empty() && m_cases[m_again.front()].attempts >= m_knowledge.retries;
}

bool BatchRun::may_run() const {
  const auto use = m_knowledge.uses.find(m_batch.file.view());
  if (use == m_knowledge.uses.end()) return true;
  return !use->second.alone && (use->second.together == 0 || !is_alone_next());
}

void BatchRun::begin_use(bool alone) {
  FileUse& use = m_knowledge.uses[std::string(m_batch.file)];
  if (alone) {
    use.alone = true;
  } else {
    ++use.together;
  }
  m_uses_file = alone;
}

void BatchRun::end_use() {
  if (!m_uses_file) return;
  FileUse& use = m_knowledge.uses[std::string(m_batch.file)];
  if (*std::exchange(m_uses_file, std::nullopt)) {
    use.alone = false;
  } else {
    --use.together;
  }
}

bool BatchRun::is_in_process() const {
  return m_knowledge.all_in_process || m_knowledge.in_process.contains(m_batch.file.view());
}

void BatchRun::run_in_process(const std::string& why, Actions& out) {
  m_knowledge.in_process.insert(std::string(m_batch.file));
  if (!m_knowledge.told.insert("process").second) return;
  out.emplace_back(note::Warning{fmt::format(
      "{}: {}; its cases run in the interpreter that imports it, as with execute.isolation=process, and so do "
      "those of other such files",
      m_batch.file, why)});
}

void BatchRun::run_all_in_process(const std::string& why, Actions& out) {
  m_knowledge.all_in_process = true;
  if (!m_knowledge.told.insert("process").second) return;
  out.emplace_back(note::Warning{
      fmt::format("after the preload {}; all cases run in the interpreter that imports their file, as with "
                  "execute.isolation=process",
                  why)});
}

void BatchRun::tell_risk(const std::string& why, Actions& out) {
  if (!m_knowledge.told.insert("risk").second) return;
  out.emplace_back(note::Warning{fmt::format(
      "{}: {}, which forked children share or lack: its cases may hang or disturb each other (execute.isolation)",
      m_batch.file, why)});
}

double BatchRun::left() const {
  const std::size_t left = std::max<std::size_t>(m_waiting.size() + m_again.size(), 1);
  return static_cast<double>(left) / static_cast<double>(std::max(left, m_cases.size()));
}

void BatchRun::collected(const event::Collected& event, const std::vector<ChosenCase>& cases, double import_s,
                         Actions& out) {
  for (Case& each : m_cases) each.chosen.index = -1;
  note::BatchCollected collected{m_batch.id, import_s, {}, event.injected};
  for (const ChosenCase& chosen : cases) {
    if (const auto known = m_numbers.find(chosen.id); known != m_numbers.end()) {
      m_cases[known->second].chosen.index = chosen.index;
    } else {
      add(chosen);
      collected.cases.push_back(chosen);
    }
  }
  if (!m_collected || !collected.cases.empty()) out.emplace_back(std::move(collected));
  m_collected = true;
  m_workers_lost = 0;
  const std::set<int> serial(event.serial.begin(), event.serial.end());
  for (Case& each : m_cases) each.chosen.serial = each.chosen.serial || serial.contains(each.chosen.index);
  std::stable_partition(m_waiting.begin(), m_waiting.end(),
                        [&](std::size_t number) { return !m_cases[number].chosen.serial; });
  skip_withheld(out);
  skip_left_out(event.skipped, out);
  for (const event::CollectionError& error : event.errors) {
    const double duration = error.id == m_batch.file ? event.seconds : 0;
    record_uncollected(error.id, {error.outcome, duration, error.message, error.details, {}, m_card}, out);
  }
  drop_missing(out);
  if (m_batch.pieces > 1) compare_collections(event.cases, out);
}

// Each piece takes its share of the cases that its own worker has collected: together the pieces have all cases only if
// every worker collects the same. Otherwise the file is an error; without this check a wrong set of cases could pass.
void BatchRun::compare_collections(const std::vector<std::string>& ids, Actions& out) {
  std::uint64_t sum = ids.size();  // independent of the order
  for (const std::string& id : ids) sum += stable_hash(id);
  const std::string file(m_batch.file);
  if (m_knowledge.collections.emplace(file, sum).first->second == sum || !m_knowledge.unsteady.insert(file).second) {
    return;
  }
  // Not under its own unit: that would mean that the file could not be collected.
  const std::string unit = m_batch.units.empty() ? file : std::string(m_batch.units.front());
  out.emplace_back(note::CaseFinished{
      m_batch.id,
      file,
      unit,
      {Outcome::error,
       0,
       "another worker collected different cases: some may have run twice, others never; ids have to be the same "
       "in every process",
       {},
       {},
       m_card}});
}

void BatchRun::add(const ChosenCase& chosen) {
  const std::size_t number = m_cases.size();
  m_numbers.emplace(chosen.id, number);
  m_cases.push_back({chosen, 0});
  const auto known = m_knowledge.known.find(chosen.id);
  if (known == m_knowledge.known.end() || known->second.count == 0) {
    m_waiting.push_back(number);
    return;
  }
  m_cases.back().attempts = known->second.count;
  if (is_to_try_again(m_cases.back(), known->second.last)) m_again.push_back(number);
}

bool BatchRun::is_to_try_again(const Case& each, Outcome last) const {
  return results::is_failure(last) && each.attempts <= m_knowledge.retries;
}

void BatchRun::skip_withheld(Actions& out) {
  const auto is_withheld = [&](std::size_t number) {
    return m_cases[number].chosen.expectation.mode == testsel::Mode::skip;
  };
  for (const std::size_t number : m_waiting) {
    const std::string& reason = m_cases[number].chosen.expectation.reason;
    if (is_withheld(number)) record(number, {Outcome::skipped, 0, reason, {}, {}, m_card}, out);
  }
  std::erase_if(m_waiting, is_withheld);
}

void BatchRun::skip_left_out(const std::vector<event::LeftOut>& left_out, Actions& out) {
  std::map<int, std::string_view> reasons;
  for (const event::LeftOut& one : left_out) reasons.emplace(one.index, one.reason);
  const auto is_left_out = [&](std::size_t number) { return reasons.contains(m_cases[number].chosen.index); };
  for (const std::size_t number : m_waiting) {
    if (!is_left_out(number)) continue;
    const std::string reason(reasons.at(m_cases[number].chosen.index));
    record(number, {Outcome::skipped, 0, reason, {}, {}, m_card}, out);
  }
  std::erase_if(m_waiting, is_left_out);
  std::erase_if(m_again, is_left_out);
}

void BatchRun::drop_missing(Actions& out) {
  const auto is_missing = [&](std::size_t number) { return m_cases[number].chosen.index < 0; };
  for (const std::size_t number : m_waiting) {
    if (is_missing(number)) record(number, not_run_because({results::Cause::Kind::missing}), out);
  }
  std::erase_if(m_waiting, is_missing);
  std::erase_if(m_again, is_missing);
}

// Every batch of a file meets the same collection error: it counts once, and the file's own case stands for it in the
// other batches.
void BatchRun::record_uncollected(const std::string& id, Attempt attempt, Actions& out) {
  const bool is_first = m_knowledge.not_collected.insert(id).second;
  if (!is_first && id != m_batch.file) return;
  if (attempt.outcome == Outcome::timed_out && m_batch.cards == 1) m_knowledge.hangs.hung(m_card, id, id);
  if (!is_first) attempt = not_run_because({results::Cause::Kind::import_failed});
  attempt.card = m_card;
  out.emplace_back(note::CaseFinished{m_batch.id, id, id, std::move(attempt)});
}

void BatchRun::not_collected(Attempt attempt, Actions& out) {
  record_uncollected(std::string(m_batch.file), std::move(attempt), out);
  give_up({results::Cause::Kind::reimport_failed}, out);
}

void BatchRun::worker_lost(Attempt attempt, Actions& out) {
  if (++m_workers_lost > 1) return not_collected(std::move(attempt), out);
  out.emplace_back(note::Warning{
      fmt::format("{}: {} while the file was imported; it is imported again", m_batch.file, reason(attempt))});
}

void BatchRun::give_up(const results::Cause& cause, Actions& out) {
  for (const std::size_t number : std::exchange(m_waiting, {})) record(number, not_run_because(cause), out);
  finish(out);
}

void BatchRun::end(const results::Cause& cause, Actions& out) {
  if (!m_collected && !m_finished) out.emplace_back(note::BatchNotRun{m_batch.id, cause});
  give_up(cause, out);
}

bool BatchRun::finish_if_done(Actions& out) {
  if (m_waiting.empty() && (m_again.empty() || !m_knowledge.retries_allowed())) finish(out);
  return m_finished;
}

std::vector<int> BatchRun::next_slice(std::size_t limit) {
  m_slice_results.clear();
  m_slice_is_retry = m_waiting.empty();
  const bool alone = is_alone_next();
  std::deque<std::size_t>& from = m_slice_is_retry ? m_again : m_waiting;
  const std::size_t size = std::min(from.size(), m_slice_is_retry ? 1 : std::max<std::size_t>(limit, 1));
  begin_use(alone);
  std::vector<int> indices;
  for (std::size_t i = 0; i < size; ++i) {
    if (!m_slice_is_retry && m_cases[from.front()].chosen.serial != alone) break;
    m_slice.push_back(from.front());
    indices.push_back(m_cases[from.front()].chosen.index);
    from.pop_front();
  }
  return indices;
}

void BatchRun::finish(Actions& out) {
  m_waiting.clear();
  m_again.clear();
  m_slice.clear();
  m_running.reset();
  end_use();
  if (!m_finished) out.emplace_back(note::BatchFinished{m_batch.id});
  m_finished = true;
}

std::optional<std::size_t> BatchRun::in_slice(int index) const {
  const auto found = std::find_if(m_slice.begin(), m_slice.end(),
                                  [&](std::size_t number) { return m_cases[number].chosen.index == index; });
  return found == m_slice.end() ? std::nullopt : std::optional(*found);
}

void BatchRun::started(int index, Actions& out) {
  const auto number = in_slice(index);
  if (!number) {
    out.emplace_back(
        note::Warning{fmt::format("{}: unexpected start of a case outside the current slice", m_batch.id)});
    return;
  }
  if (m_running == number) return;  // a test that writes to the pipe can repeat the event
  if (m_running) {
    record(*m_running, {Outcome::error, 0, "ended without a result", {}, {}, m_card}, out);
  }
  m_running = number;
  out.emplace_back(note::CaseStarted{m_batch.id, m_cases[*number].chosen.id});
}

void BatchRun::finished(const event::CaseFinished& event, Actions& out) {
  const auto number = take_result(event, out);
  if (number) record(*number, as_expected(attempt_of(event, m_card), m_cases[*number].chosen.expectation), out);
}

void BatchRun::finished_late(const event::CaseFinished& event, Attempt blame, Actions& out) {
  const auto number = take_result(event, out);
  if (!number) return;
  blame.cause.detail = results::name(event.outcome);
  if (!event.details.empty()) blame.details += (blame.details.empty() ? "" : "\n") + event.details;
  blame.output = event.output;
  record(*number, std::move(blame), out);
}

std::optional<std::size_t> BatchRun::take_result(const event::CaseFinished& event, Actions& out) {
  const auto number = in_slice(event.index);
  if (number) {
    m_slice_results.emplace_back(m_cases[*number].chosen.id, event.outcome);
  } else {
    out.emplace_back(
        note::Warning{fmt::format("{}: unexpected result for a case outside the current slice", m_batch.id)});
  }
  return number;
}

void BatchRun::record(std::size_t number, Attempt attempt, Actions& out) {
  Case& each = m_cases[number];
  const bool is_result = attempt.outcome != Outcome::not_run;
  const bool failed = results::is_failure(attempt.outcome);
  if (!m_slice.empty() && m_slice.front() == number) {
    m_slice.pop_front();  // the usual case: cases end in order
  } else {
    std::erase(m_slice, number);
  }
  if (m_running == number) m_running.reset();
  if (is_result) {
    m_fruitless = 0;
    if (++each.attempts == 1) {
      ++m_knowledge.finished;
      if (failed) ++m_knowledge.failed;
    }
    if (is_to_try_again(each, attempt.outcome)) m_again.push_back(number);
    learn(each, attempt.outcome);
  }
  attempt.card = m_card;
  out.emplace_back(note::CaseFinished{m_batch.id, each.chosen.id, each.chosen.unit, std::move(attempt)});
}

// Record what the end of a case says about its card. A gang's case says nothing, because it has several cards.
void BatchRun::learn(const Case& each, Outcome outcome) {
  if (m_batch.cards > 1) return;
  switch (outcome) {
    case Outcome::passed:
    case Outcome::xfailed:
    case Outcome::xpassed:
      m_knowledge.hangs.passed(m_card);
      m_unproven = false;
      break;
    case Outcome::timed_out:
      m_knowledge.hangs.hung(m_card, each.chosen.id, std::string(m_batch.file.view()));
      m_hung = m_hung || is_to_try_again(each, outcome);
      m_flees = m_knowledge.hangs.is_dead(m_card);
      break;
    case Outcome::crashed:
      m_unproven = m_unproven || is_to_try_again(each, outcome);
      break;
    default:
      break;
  }
}

void BatchRun::child_ended(const Attempt& blame, Actions& out) {
  if (m_running) {
    record(*m_running, blame, out);
  } else if (!m_slice.empty() && m_slice_results.empty() && ++m_fruitless >= fruitless_limit) {
    record(m_slice.front(), blame, out);
  }
  take_back_slice();
}

void BatchRun::take_back_slice() {
  m_running.reset();
  std::deque<std::size_t>& back_to = m_slice_is_retry ? m_again : m_waiting;
  back_to.insert(back_to.begin(), m_slice.begin(), m_slice.end());
  m_slice.clear();
  end_use();
}

void BatchRun::clear_running() {
  m_running.reset();
}

std::optional<int> BatchRun::running() const {
  return m_running ? std::optional(m_cases[*m_running].chosen.index) : std::nullopt;
}

std::string BatchRun::running_id() const {
  return m_running ? m_cases[*m_running].chosen.id : std::string();
}

}  // namespace spyre::execute
