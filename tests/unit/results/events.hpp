// SPDX-License-Identifier: Apache-2.0
// Short helpers to write journal events in tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/results/record.hpp"
#include "tests/support/catch.hpp"

namespace spyre::results::test {

struct BatchOf {
  std::string id, file;
  std::vector<std::string> units;
};

inline nlohmann::json run_started(const std::vector<BatchOf>& batches) {
  nlohmann::json list = nlohmann::json::array();
  std::size_t tests = 0;
  for (const BatchOf& batch : batches) {
    list.push_back({{"id", batch.id}, {"file", batch.file}, {"units", batch.units}});
    tests += batch.units.size();
  }
  return {{"t", 0.0},          {"event", "run_started"}, {"run_id", "r1"}, {"schema", "spyre-ci/journal@1"},
          {"revision", "abc"}, {"stage", "1"},           {"tests", tests}, {"started", "2026-11-22T03:35:00.123Z"},
          {"batches", list}};
}

struct CaseOf {
  std::string id, unit;
};

inline nlohmann::json collected(const std::string& batch, const std::vector<CaseOf>& cases) {
  nlohmann::json list = nlohmann::json::array();
  for (const CaseOf& each : cases) list.push_back({{"id", each.id}, {"unit", each.unit}});
  return {{"t", 1.0}, {"event", "batch_collected"}, {"batch", batch}, {"import_s", 0.5}, {"cases", list}};
}

inline nlohmann::json finished(const std::string& batch, const std::string& id, Outcome outcome,
                               const std::string& message = {}) {
  return {{"t", 2.0},  {"event", "case_finished"}, {"batch", batch},           {"id", id},
          {"card", 0}, {"duration_s", 1.5},        {"outcome", name(outcome)}, {"message", message}};
}

inline nlohmann::json simple(const std::string& event, nlohmann::json fields = nlohmann::json::object()) {
  fields["event"] = event;
  if (!fields.contains("t")) fields["t"] = 3.0;
  return fields;
}

inline Result<void> fold(RecordBuilder& builder, const nlohmann::json& event) {
  TRY(Event read, read_event(event));
  return builder.fold(std::move(read));
}

inline RunRecord record_of(const std::vector<nlohmann::json>& events) {
  RecordBuilder builder;
  for (const nlohmann::json& event : events) {
    const auto folded = fold(builder, event);
    INFO(event.dump());
    REQUIRE(folded);
  }
  return builder.close();
}

}  // namespace spyre::results::test
