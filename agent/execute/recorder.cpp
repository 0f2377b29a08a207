// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/recorder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"

namespace spyre::execute {

using results::Outcome;

namespace {

// Below this share of the work, an estimate of the rest is a guess.
constexpr double least_share = 0.02;
constexpr std::size_t longest_message = 4000;  // bytes: of a text shown as one message

double milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

}  // namespace

std::size_t Progress::failures() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (results::is_failure(static_cast<Outcome>(i))) sum += outcomes[i];
  }
  return sum;
}

Recorder::Recorder(results::Journal journal, junit::Directory junit, std::vector<plan::Batch> batches,
                   const Clock& clock, Observer& observer)
    : m_journal(std::move(journal)),
      m_junit(std::move(junit)),
      m_clock(clock),
      m_observer(observer),
      m_began(clock.steady()) {
  for (plan::Batch& batch : batches) {
    m_numbers.emplace(batch.id, m_batches.size());
    m_files[std::string(batch.file)].batches.push_back(batch.id);
    m_work += batch.estimate_s;
    m_batches.push_back({std::move(batch), 0, 0, false, 0});
  }
  m_progress.batches = m_batches.size();
}

double Recorder::seconds() const {
  return m_before_s + Seconds(m_clock.steady() - m_began).count();
}

Result<void> Recorder::append(results::Event::What what) {
  results::Event event{milliseconds(seconds()), std::move(what)};
  CHECK_OK(m_journal.append(event));
  return m_record.fold(std::move(event));
}

Result<void> Recorder::begin(const RunHeader& header) {
  results::event::RunStarted started{header.run_id,    header.revision, header.stage, format_utc(m_clock.system()),
                                     header.card_kind, header.tests,    header.tags,  {},
                                     header.stack_key};
  for (const BatchState& each : m_batches) {
    const auto& units = each.batch.units;
    started.batches.push_back({each.batch.id, std::string(each.batch.file), {units.begin(), units.end()}});
  }
  CHECK_OK(append(std::move(started)));
  m_observer.run_started(progress());
  return {};
}

Result<void> Recorder::resume(results::RecordBuilder before, const std::string& stack_key) {
  m_record = std::move(before);
  const results::RunRecord& record = m_record.so_far();
  m_before_s = record.wall_s;
  for (const std::string& warning : record.warnings) m_warnings.admit({}, warning);
  for (const results::BatchRecord& batch : record.batches) {
    const auto number = m_numbers.find(batch.id);
    if (number == m_numbers.end()) continue;
    BatchState& state = m_batches[number->second];
    state.done = batch.finished;
    if (batch.finished) ++m_progress.batches_finished;
  }
  for (const results::CaseResult& each : record.cases) {
    const auto number = m_numbers.find(each.batch);
    if (number == m_numbers.end()) continue;
    if (each.attempts.empty() || each.outcome() == Outcome::not_run) {
      reopen(m_batches[number->second]);
      continue;
    }
    ++m_batches[number->second].cases;
    ++m_progress.cases;
    count(each.id, each.outcome(), m_batches[number->second]);
  }
  for (BatchState& batch : m_batches) update_work(batch);
  m_work_done_before = m_work_done;
  for (auto& [name, file] : m_files) CHECK_OK(write_if_settled(file, name));
  CHECK_OK(append(results::event::RunResumed{format_utc(m_clock.system()), stack_key}));
  m_observer.run_started(progress());
  return {};
}

// The previous agent may have been killed between a batch's end and the document.
Result<void> Recorder::write_if_settled(TestFile& file, const std::string& name) {
  if (!std::ranges::all_of(file.batches, [&](const std::string& id) { return batch_of(id).done; })) return {};
  const std::vector<const results::CaseResult*> cases = m_record.cases_of(file.batches);
  if (std::ranges::any_of(cases, [](const auto* each) { return each->attempts.empty(); })) return {};
  CHECK_OK(m_junit.write(name, cases, m_record.so_far()));
  file.written = cases.size();
  return {};
}

// The batch ended before all of its cases had run.
void Recorder::reopen(BatchState& batch) {
  if (std::exchange(batch.done, false)) --m_progress.batches_finished;
}

Result<void> Recorder::write(const note::BatchStarted& note) {
  CHECK_OK(append(note));
  m_observer.batch_started(note.batch, std::string(batch_of(note.batch).batch.file), note.cards.front(), progress());
  return {};
}

Result<void> Recorder::write(const note::BatchCollected& note) {
  results::event::BatchCollected collected{note.batch, milliseconds(note.import_s), {}, note.injected};
  collected.cases.reserve(note.cases.size());
  for (const ChosenCase& chosen : note.cases) {
    collected.cases.push_back({chosen.id, chosen.unit, chosen.generated});
  }
  CHECK_OK(append(std::move(collected)));
  BatchState& batch = batch_of(note.batch);
  for (const ChosenCase& chosen : note.cases) {
    if (m_outcomes.contains(chosen.id)) continue;  // known from before the run was resumed
    ++batch.cases;
    ++m_progress.cases;
  }
  return {};
}

Result<void> Recorder::write(const note::BatchNotRun& note) {
  note::BatchNotRun hidden = note;
  for (std::string* text : {&hidden.cause.detail, &hidden.reason}) *text = hide_secrets(*text);
  return append(std::move(hidden));
}

Result<void> Recorder::write(const note::CaseStarted& note) {
  return append(note);
}

Result<void> Recorder::write(const note::CaseFinished& note) {
  results::Attempt attempt = note.attempt;
  for (std::string* text : {&attempt.message, &attempt.details, &attempt.output, &attempt.cause.detail}) {
    *text = hide_secrets(*text);
  }
  CHECK_OK(append(note::CaseFinished{note.batch, note.id, note.unit, attempt}));
  m_files.find(batch_of(note.batch).batch.file.view())->second.written = 0;
  // It says nothing about a case that has a result: the record drops it, too.
  if (attempt.outcome == Outcome::not_run && m_outcomes.contains(note.id)) return {};
  count(note.id, attempt.outcome, batch_of(note.batch));
  m_observer.case_finished(note.id, attempt, progress());
  return {};
}

// A case counts once, by its last attempt.
void Recorder::count(const std::string& id, Outcome outcome, BatchState& batch) {
  const auto slot = [&](Outcome which) -> std::size_t& { return m_progress.outcomes[static_cast<std::size_t>(which)]; };
  const auto [known, is_new] = m_outcomes.try_emplace(id, outcome);
  if (is_new) {
    ++m_progress.cases_finished;
    ++batch.finished;
    // A file that could not be collected is a case that was not announced.
    if (batch.finished > batch.cases) {
      batch.cases = batch.finished;
      ++m_progress.cases;
    }
  } else {
    --slot(known->second);
    known->second = outcome;
  }
  ++slot(outcome);
  update_work(batch);
}

void Recorder::update_work(BatchState& batch) {
  const double share = batch.cases > 0 ? static_cast<double>(batch.finished) / static_cast<double>(batch.cases) : 0;
  const double done = batch.batch.estimate_s * (batch.done ? 1 : share);
  m_work_done += done - std::exchange(batch.work_done, done);
}

Result<void> Recorder::write(const note::BatchFinished& note) {
  CHECK_OK(append(note));
  batch_of(note.batch).done = true;
  update_work(batch_of(note.batch));
  ++m_progress.batches_finished;
  const auto file = m_files.find(batch_of(note.batch).batch.file.view());
  CHECK_OK(write_if_settled(file->second, file->first));
  m_observer.batch_finished(note.batch, progress());
  return {};
}

Result<void> Recorder::write(const note::CardCordoned& note) {
  const std::string message = head_and_tail(hide_secrets(note.message), longest_message);
  CHECK_OK(append(results::event::CardCordoned{note.card, milliseconds(note.length.count()), message}));
  m_observer.warning(message);
  return {};
}

Result<void> Recorder::write(const note::Warning& note) {
  const auto message = m_warnings.admit(note.source, hide_secrets(note.message));
  return message ? append_warning(*message) : Result<void>();
}

Result<void> Recorder::append_warning(const std::string& message) {
  CHECK_OK(append(results::event::Warning{message}));
  m_observer.warning(message);
  return {};
}

Result<void> Recorder::write(const note::Infra& note) {
  const std::string message = head_and_tail(hide_secrets(note.message), longest_message);
  CHECK_OK(append(note::Infra{message}));
  m_observer.infra(message);
  return {};
}

Result<results::RunRecord> Recorder::end(int interrupted_by) {
  for (const std::string& line : m_warnings.left_out()) CHECK_OK(append_warning(line));
  CHECK_OK(append(results::event::RunFinished{interrupted_by}));
  CHECK_OK(m_journal.sync());
  results::RunRecord record = std::move(m_record).close();
  for (const auto& [name, cases] : results::cases_by_file(record)) {
    const auto file = m_files.find(name);
    // Closing adds a case for each unit of a batch that produced none.
    if (file == m_files.end() || file->second.written != cases.size()) CHECK_OK(m_junit.write(name, cases, record));
  }
  m_observer.run_finished(progress());
  return record;
}

Progress Recorder::progress() const {
  Progress progress = m_progress;
  progress.elapsed = Seconds(seconds());
  const double here = m_work_done - m_work_done_before;
  if (m_work > 0 && here / m_work >= least_share) {
    progress.left = Seconds((seconds() - m_before_s) * std::max(m_work - m_work_done, 0.0) / here);
  }
  return progress;
}

void Recorder::tick() {
  m_observer.tick(progress());
}

}  // namespace spyre::execute
