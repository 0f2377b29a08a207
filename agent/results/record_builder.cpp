// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/results/fields.hpp"
#include "agent/results/record.hpp"

namespace spyre::results {
namespace {

std::string signal_name(int signal) {
  if (signal == SIGINT) return "SIGINT";
  if (signal == SIGTERM) return "SIGTERM";
  return fmt::format("signal {}", signal);
}

// Why work that nobody gave a reason for was not done.
std::string reason_to_stop(const RunRecord& record) {
  if (record.interrupted_by != 0) {
    return fmt::format("the run was interrupted by {}", signal_name(record.interrupted_by));
  }
  if (!record.infra.empty()) return record.infra.back();
  return record.finished ? "the run ended without it" : "the run stopped before its end";
}

Attempt not_run(const BatchRecord& batch, const std::string& otherwise) {
  Attempt attempt;
  attempt.cause = batch.not_run_cause;
  attempt.message = batch.is_dropped() ? batch.not_run_reason : otherwise;
  return attempt;
}

// It may be run again.
void keep(BatchRecord& batch) {
  batch.not_run_cause = {};
  batch.not_run_reason.clear();
}

Result<Attempt> read_attempt(const nlohmann::json& event) {
  Attempt attempt;
  TRY(const std::string outcome, text(event, "outcome"));
  const auto parsed = parse_outcome(outcome);
  if (!parsed) return fail(ErrorKind::invalid, fmt::format("there is no outcome '{}'", outcome));
  attempt.outcome = *parsed;
  TRY(attempt.duration_s, number_or(event, "duration_s", 0));
  attempt.duration_s = std::max(attempt.duration_s, 0.0);
  TRY(attempt.message, text_or(event, "message", {}));
  TRY(attempt.details, text_or(event, "details", {}));
  TRY(attempt.output, text_or(event, "output", {}));
  TRY(attempt.card, int_or(event, "card", -1));
  TRY(attempt.cause, read_cause(event));
  return attempt;
}

}  // namespace

Result<void> RecordBuilder::fold(const nlohmann::json& event) {
  struct Handler {
    std::string_view event;
    Result<void> (RecordBuilder::*fold)(const nlohmann::json&);
  };
  static constexpr std::array handlers{
      Handler{"case_started", &RecordBuilder::case_started},
      Handler{"case_finished", &RecordBuilder::case_finished},
      Handler{"batch_started", &RecordBuilder::batch_started},
      Handler{"batch_collected", &RecordBuilder::batch_collected},
      Handler{"batch_not_run", &RecordBuilder::batch_not_run},
      Handler{"batch_finished", &RecordBuilder::batch_finished},
      Handler{"run_started", &RecordBuilder::run_started},
      Handler{"run_resumed", &RecordBuilder::run_resumed},
      Handler{"run_finished", &RecordBuilder::run_finished},
      Handler{"card_quarantined", &RecordBuilder::card_quarantined},
      Handler{"warning", &RecordBuilder::warning},
      Handler{"infra", &RecordBuilder::infra},
  };
  if (!event.is_object()) return fail(ErrorKind::invalid, "this is no event: it is not an object");
  TRY(const std::string kind, text(event, "event"));
  TRY(const double t, number_or(event, "t", 0));
  if (!m_started && kind != "run_started") {
    return fail(ErrorKind::invalid, fmt::format("'{}' comes before 'run_started'", kind));
  }
  const auto handler =
      std::find_if(handlers.begin(), handlers.end(), [&](const Handler& each) { return each.event == kind; });
  if (handler != handlers.end()) CHECK_OK((this->*handler->fold)(event));
  m_record.wall_s = std::max(m_record.wall_s, t);
  return {};
}

Result<void> RecordBuilder::run_started(const nlohmann::json& event) {
  if (m_started) return fail(ErrorKind::invalid, "the run is started a second time");
  TRY(const std::string schema, text(event, "schema"));
  if (schema != schema_id("journal")) {
    return fail(ErrorKind::invalid,
                fmt::format("the journal has the schema '{}', expected '{}'", schema, schema_id("journal")));
  }
  RunRecord record;
  TRY(record.run_id, text(event, "run_id"));
  TRY(record.revision, text_or(event, "revision", {}));
  TRY(record.stage, text_or(event, "stage", {}));
  TRY(record.started, text_or(event, "started", {}));
  TRY(record.card_kind, text_or(event, "card_kind", {}));
  TRY(record.tests, count_or(event, "tests", 0));
  if (const auto tags = event.find("tags"); tags != event.end() && tags->is_object()) {
    for (const auto& [unit, ignored] : tags->items()) {
      TRY(record.tags[unit], texts(*tags, unit));
    }
  }
  TRY(const nlohmann::json* batches, list(event, "batches"));
  for (const nlohmann::json& item : *batches) {
    BatchRecord batch;
    TRY(batch.id, text(item, "id"));
    TRY(batch.file, text_or(item, "file", {}));
    TRY(batch.units, texts(item, "units"));
    if (!m_batches.emplace(batch.id, record.batches.size()).second) {
      return fail(ErrorKind::invalid, fmt::format("there are two batches '{}'", batch.id));
    }
    record.batches.push_back(std::move(batch));
  }
  m_record = std::move(record);
  m_batch_cases.resize(m_record.batches.size());
  m_started = true;
  return {};
}

Result<void> RecordBuilder::run_resumed(const nlohmann::json&) {
  m_record.finished = false;
  m_record.interrupted_by = 0;
  for (std::string& message : m_record.infra) m_record.warnings.push_back("before the run was resumed: " + message);
  m_record.infra.clear();
  for (BatchRecord& batch : m_record.batches) keep(batch);
  m_running.clear();
  return {};
}

Result<void> RecordBuilder::run_finished(const nlohmann::json& event) {
  TRY(m_record.interrupted_by, int_or(event, "interrupted_by", 0));
  m_record.finished = m_record.interrupted_by == 0;
  return {};
}

Result<BatchRecord*> RecordBuilder::batch_of(const nlohmann::json& event) {
  TRY(const std::string id, text(event, "batch"));
  const auto found = m_batches.find(id);
  if (found == m_batches.end()) return fail(ErrorKind::invalid, fmt::format("there is no batch '{}'", id));
  return &m_record.batches[found->second];
}

Result<void> RecordBuilder::batch_started(const nlohmann::json& event) {
  TRY(BatchRecord * batch, batch_of(event));
  TRY(batch->cards, ints(event, "cards"));
  TRY(batch->started_s, number_or(event, "t", 0));
  batch->started = true;
  batch->finished = false;
  keep(*batch);
  return {};
}

Result<void> RecordBuilder::batch_collected(const nlohmann::json& event) {
  TRY(BatchRecord * batch, batch_of(event));
  TRY(batch->import_s, number_or(event, "import_s", 0));
  TRY(const nlohmann::json* cases, list(event, "cases"));
  for (const nlohmann::json& item : *cases) {
    TRY(const std::string id, text(item, "id"));
    TRY(const std::string unit, text_or(item, "unit", id));
    TRY(const bool generated, flag_or(item, "generated", false));
    known_case(id, unit, *batch).generated = generated;
  }
  batch->collected = true;
  return {};
}

Result<void> RecordBuilder::batch_not_run(const nlohmann::json& event) {
  TRY(BatchRecord * batch, batch_of(event));
  TRY(batch->not_run_cause, read_cause(event));
  TRY(batch->not_run_reason, text_or(event, "reason", {}));
  return {};
}

Result<void> RecordBuilder::batch_finished(const nlohmann::json& event) {
  TRY(BatchRecord * batch, batch_of(event));
  TRY(batch->ended_s, number_or(event, "t", 0));
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

Result<void> RecordBuilder::case_started(const nlohmann::json& event) {
  TRY(const BatchRecord* batch, batch_of(event));
  TRY(m_running[batch->id], text(event, "id"));
  return {};
}

Result<void> RecordBuilder::case_finished(const nlohmann::json& event) {
  TRY(BatchRecord * batch, batch_of(event));
  TRY(const std::string id, text(event, "id"));
  TRY(const std::string unit, text_or(event, "unit", id));
  TRY(Attempt attempt, read_attempt(event));
  if (id == batch->file) m_file_cases.insert(batch->id);
  std::vector<Attempt>& attempts = known_case(id, unit, *batch).attempts;
  if (!attempts.empty() && attempts.back().outcome == Outcome::not_run) attempts.pop_back();
  if (attempts.empty() || attempt.outcome != Outcome::not_run) attempts.push_back(std::move(attempt));
  if (const auto running = m_running.find(batch->id); running != m_running.end() && running->second == id) {
    m_running.erase(running);
  }
  return {};
}

// It is a warning, too.
Result<void> RecordBuilder::card_quarantined(const nlohmann::json& event) {
  QuarantineRecord quarantine;
  TRY(quarantine.card, int_or(event, "card", -1));
  TRY(quarantine.from_s, number_or(event, "t", 0));
  TRY(quarantine.length_s, number_or(event, "length_s", 0));
  m_record.quarantines.push_back(quarantine);
  return warning(event);
}

Result<void> RecordBuilder::warning(const nlohmann::json& event) {
  TRY(std::string message, text(event, "message"));
  m_record.warnings.push_back(std::move(message));
  return {};
}

Result<void> RecordBuilder::infra(const nlohmann::json& event) {
  TRY(std::string message, text(event, "message"));
  m_record.infra.push_back(std::move(message));
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
  const std::string stopped = reason_to_stop(record);
  for (CaseResult& each : record.cases) {
    if (!each.attempts.empty()) continue;
    const auto running = m_running.find(each.batch);
    const bool cut_off = running != m_running.end() && running->second == each.id;
    Attempt attempt = not_run(record.batches[m_batches.at(each.batch)], stopped);
    if (cut_off) attempt.message = "was running when " + reason(attempt);
    each.attempts.push_back(std::move(attempt));
  }

  std::unordered_set<std::string> known;  // what has a case of its name already
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
