// SPDX-License-Identifier: Apache-2.0
// Made-up runs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/results/record.hpp"

namespace spyre::history {

inline results::CaseResult a_case(std::string id, std::string unit, double seconds,
                                  results::Outcome outcome = results::Outcome::passed, std::string message = {}) {
  results::CaseResult result;
  result.id = std::move(id);
  result.unit = std::move(unit);
  results::Attempt attempt;
  attempt.outcome = outcome;
  attempt.duration_s = seconds;
  attempt.message = std::move(message);
  attempt.card = 0;
  result.attempts.push_back(std::move(attempt));
  return result;
}

// A run that started on this day of January 2026.
inline results::RunRecord a_run(int day, std::vector<results::CaseResult> cases, const std::string& id = {}) {
  results::RunRecord record;
  record.run_id = id.empty() ? fmt::format("run-{}", day) : id;
  record.revision = "b2a59f0";
  record.stack_key = "torch=2.6.0";
  record.stage = "1";
  record.started = fmt::format("2026-01-{:02}T02:00:00.000Z", day);
  record.wall_s = 60;
  record.finished = true;
  record.tests = 1;
  record.cases = std::move(cases);
  return record;
}

// `count` cases of one unit, test_a.py::T::test_x, each of this many seconds.
inline std::vector<results::CaseResult> x_cases(int count, double seconds, int first = 0) {
  std::vector<results::CaseResult> cases;
  for (int i = first; i < first + count; ++i) {
    cases.push_back(a_case(fmt::format("test/test_a.py::TCPU::test_x_{}", i), "test/test_a.py::T::test_x", seconds));
  }
  return cases;
}

inline results::BatchRecord a_batch(const std::string& file, double import_s) {
  results::BatchRecord batch;
  batch.id = "b0001";
  batch.file = file;
  batch.collected = true;
  batch.import_s = import_s;
  return batch;
}

}  // namespace spyre::history
