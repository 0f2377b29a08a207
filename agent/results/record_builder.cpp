// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "agent/results/record.hpp"

namespace spyre::results {
namespace {

// Return the reason for work that was not done and has no other reason.
Cause cause_to_stop(const RunRecord& record) {
  using Kind = Cause::Kind;
  if (record.interrupted_by != 0) {
    Cause cause{Kind::interrupted};
    cause.signal = record.interrupted_by;
    return cause;
  }
  if (!record.infra.empty()) return told(Kind::infra, record.infra.back());
  return {record.finished ? Kind::run_ended : Kind::run_stopped};
}

Attempt not_run(const BatchRecord& batch, const Cause& otherwise) {
  Attempt attempt;
  attempt.cause = batch.is_dropped() ? batch.not_run_cause : otherwise;
  if (batch.is_dropped()) attempt.message = batch.not_run_reason;
  return attempt;
}

// Discard the reason: the batch may be run again.
void keep(BatchRecord& batch) {
  batch.not_run_cause = {};
  batch.not_run_reason.clear();
}

}  // namespace

Result<void> RecordBuilder::fold(Event event) {
  if (!m_started && !std::holds_alternative<event::RunStarted>(event.what)) {
    return fail(ErrorKind::invalid, fmt::format("'{}' comes before 'run_started'", name(event)));
  }
  CHECK_OK(std::visit([&](auto& one) { return see(std::move(one), event.t); }, event.what));
  m_record.wall_s = std::max(m_record.wall_s, event.t);
  return {};
}

Result<void> RecordBuilder::see(event::RunStarted&& started, double) {
  if (m_started) return fail(ErrorKind::invalid, "the run is started a second time");
  for (std::size_t i = 0; i < started.batches.size(); ++i) {
    if (!m_batches.emplace(started.batches[i].id, i).second) {
      return fail(ErrorKind::invalid, fmt::format("duplicate batch '{}'", started.batches[i].id));
    }
  }
  m_record.run_id = std::move(started.run_id);
  m_record.revision = std::move(started.revision);
  m_record.stage = std::move(started.stage);
  m_record.started = std::move(started.started);
  m_record.card_kind = std::move(started.card_kind);
  m_record.stack_key = std::move(started.stack_key);
  m_record.tests = started.tests;
  m_record.tags = std::move(started.tags);
  for (event::RunStarted::Batch& each : started.batches) {
    BatchRecord batch;
    batch.id = std::move(each.id);
    batch.file = std::move(each.file);
    batch.units = std::move(each.units);
    m_record.batches.push_back(std::move(batch));
  }
  m_batch_cases.resize(m_record.batches.size());
  m_started = true;
  return {};
}

Result<void> RecordBuilder::see(event::RunResumed&& resumed, double) {
  if (resumed.stack_key != m_record.stack_key) m_record.stack_key.clear();
  m_record.finished = false;
  m_record.interrupted_by = 0;
  for (std::string& message : m_record.infra) m_record.warnings.push_back("before the run was resumed: " + message);
  m_record.infra.clear();
  for (BatchRecord& batch : m_record.batches) keep(batch);
  m_running.clear();
  return {};
}

Result<void> RecordBuilder::see(event::RunFinished&& finished, double) {
  m_record.interrupted_by = finished.interrupted_by;
  m_record.finished = m_record.interrupted_by == 0;
  return {};
}

Result<BatchRecord*> RecordBuilder::batch_of(const std::string& id) {
  const auto found = m_batches.find(id);
  if (found == m_batches.end()) return fail(ErrorKind::invalid, fmt::format("unknown batch '{}'", id));
  return &m_record.batches[found->second];
}

Result<void> RecordBuilder::see(event::BatchStarted&& started, double t) {
  TRY(BatchRecord * batch, batch_of(started.batch));
  batch->cards = std::move(started.cards);
  batch->started_s = t;
  batch->started = true;
  batch->finished = false;
  keep(*batch);
  return {};
}

Result<void> RecordBuilder::see(event::BatchCollected&& collected, double) {
  TRY(BatchRecord * batch, batch_of(collected.batch));
  batch->import_s = collected.import_s;
  batch->injected = std::move(collected.injected);
  for (const event::BatchCollected::Case& each : collected.cases) {
    known_case(each.id, each.unit, *batch).generated = each.generated;
  }
  batch->collected = true;
  return {};
}

Result<void> RecordBuilder::see(event::BatchNotRun&& not_run, double) {
  TRY(BatchRecord * batch, batch_of(not_run.batch));
  batch->not_run_cause = not_run.cause;
  batch->not_run_reason = std::move(not_run.reason);
  return {};
}

Result<void> RecordBuilder::see(event::BatchFinished&& finished, double t) {
  TRY(BatchRecord * batch, batch_of(finished.batch));
  batch->ended_s = t;
  batch->finished = true;
  m_running.erase(batch->id);
  return {};
}

CaseResult& RecordBuilder::known_case(const std::string& id, const std::string& unit, BatchRecord& batch) {
  const auto [known, is_new] = m_cases.emplace(id, m_record.cases.size());
  if (is_new) {
    m_batch_cases[m_batches.at(batch.id)].push_back(m_record.cases.size());
    m_record.cases.push_back(CaseResult{id, unit, batch.id, {}, false});
    ++batch.cases;
  }
  return m_record.cases[known->second];
}

Result<void> RecordBuilder::see(event::CaseStarted&& started, double) {
  TRY(const BatchRecord* batch, batch_of(started.batch));
  m_running[batch->id] = std::move(started.id);
  return {};
}

Result<void> RecordBuilder::see(event::CaseFinished&& finished, double) {
  TRY(BatchRecord * batch, batch_of(finished.batch));
  if (finished.id == batch->file) m_file_cases.insert(batch->id);
  std::vector<Attempt>& attempts = known_case(finished.id, finished.unit, *batch).attempts;
  if (!attempts.empty() && attempts.back().outcome == Outcome::not_run) attempts.pop_back();
  if (attempts.empty() || finished.attempt.outcome != Outcome::not_run) attempts.push_back(std::move(finished.attempt));
  if (const auto running = m_running.find(batch->id); running != m_running.end() && running->second == finished.id) {
    m_running.erase(running);
  }
  return {};
}

Result<void> RecordBuilder::see(event::CardCordoned&& cordoned, double t) {
  m_record.cordons.push_back({cordoned.card, t, cordoned.length_s});
  m_record.warnings.push_back(std::move(cordoned.message));
  return {};
}

Result<void> RecordBuilder::see(event::Warning&& warning, double) {
  m_record.warnings.push_back(std::move(warning.message));
  return {};
}

Result<void> RecordBuilder::see(event::Infra&& infra, double) {
  m_record.infra.push_back(std::move(infra.message));
  return {};
}

Result<void> RecordBuilder::see(event::Unknown&&, double) {
  return {};
}

std::vector<const CaseResult*> RecordBuilder::cases_of(const std::vector<std::string>& batches) const {
  std::vector<const CaseResult*> cases;
  for (const std::string& batch : batches) {
    const auto known = m_batches.find(batch);
    if (known == m_batches.end()) continue;
    for (const std::size_t index : m_batch_cases[known->second]) cases.push_back(&m_record.cases[index]);
  }
  return cases;
}

RunRecord RecordBuilder::close() && {
  RunRecord record = std::move(m_record);
  const Cause stopped = cause_to_stop(record);
  for (CaseResult& each : record.cases) {
    if (!each.attempts.empty()) continue;
    const auto running = m_running.find(each.batch);
    const bool cut_off = running != m_running.end() && running->second == each.id;
    Attempt attempt = not_run(record.batches[m_batches.at(each.batch)], stopped);
    attempt.cause.running = cut_off;
    if (cut_off && !attempt.message.empty()) attempt.message = "was running when " + attempt.message;
    each.attempts.push_back(std::move(attempt));
  }

  std::unordered_set<std::string> known;  // ids that already have a case
  for (BatchRecord& batch : record.batches) {
    if (batch.collected || m_file_cases.contains(batch.id)) continue;
    for (const std::string& unit : batch.units) {
      if (m_cases.contains(unit) || !known.insert(unit).second) continue;
      record.cases.push_back(CaseResult{unit, unit, batch.id, {not_run(batch, stopped)}, false});
      ++batch.cases;
    }
  }

  std::unordered_set<std::string_view> with_cases;
  for (const CaseResult& each : record.cases) with_cases.insert(each.unit);
  for (const BatchRecord& batch : record.batches) {
    if (!batch.collected || m_file_cases.contains(batch.id)) continue;
    for (const std::string& unit : batch.units) {
      if (!with_cases.contains(unit)) record.not_instantiated.push_back(unit);
    }
  }
  std::sort(record.not_instantiated.begin(), record.not_instantiated.end());
  record.not_instantiated.erase(std::unique(record.not_instantiated.begin(), record.not_instantiated.end()),
                                record.not_instantiated.end());
  return record;
}

}  // namespace spyre::results
