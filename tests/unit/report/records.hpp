// SPDX-License-Identifier: Apache-2.0
// A made-up run with every kind of result.
#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>

#include "agent/results/record.hpp"

namespace spyre::report {

inline results::CaseResult a_case(const std::string& name, results::Outcome outcome, double seconds = 0.01,
                                  std::string message = {}, std::string details = {}) {
  results::CaseResult result;
  result.id = "test/test_a.py::TCPU::" + name + "_cpu";
  result.unit = "test/test_a.py::T::" + name;
  result.batch = "b0001";
  results::Attempt attempt;
  attempt.outcome = outcome;
  attempt.duration_s = seconds;
  attempt.message = std::move(message);
  attempt.details = std::move(details);
  attempt.card = 0;
  result.attempts.push_back(std::move(attempt));
  return result;
}

inline results::BatchRecord a_batch(const std::string& id, int card, double from, double to) {
  results::BatchRecord batch;
  batch.id = id;
  batch.file = "test/test_a.py";
  if (card >= 0) batch.cards = {card};
  batch.started = batch.collected = batch.finished = true;
  batch.import_s = 2;
  batch.started_s = from;
  batch.ended_s = to;
  return batch;
}

inline results::RunRecord a_run() {
  using results::Outcome;
  results::RunRecord record;
  record.run_id = "20260122-020000-abcd";
  record.revision = "b2a59f0";
  record.stage = "1";
  record.started = "2026-01-22T02:00:00.000Z";
  record.tests = 12;
  record.wall_s = 63;
  record.finished = true;
  record.batches = {a_batch("b0001", 0, 0, 30), a_batch("b0002", 1, 5, 63), a_batch("b0003", 0, 31, 40)};
  for (int i = 0; i < 6; ++i) record.cases.push_back(a_case(fmt::format("test_pass_{}", i), Outcome::passed));
  for (int i = 0; i < 5; ++i) {
    record.cases.push_back(a_case(fmt::format("test_close_{}", i), Outcome::failed, 0.2,
                                  fmt::format("AssertionError: Tensor-likes are not close! {} of 100", i),
                                  "test/test_a.py:12: AssertionError"));
  }
  record.cases.push_back(a_case("test_boom", Outcome::crashed, 12.5, "SIGSEGV",
                                "Current thread 0x1 (most recent call first):\n"
                                "  File \"/src/torch_spyre/ops.py\", line 7 in add\n"
                                "  File \"/src/test/test_a.py\", line 9 in test_boom"));
  record.cases.push_back(a_case("test_hang", Outcome::timed_out, 600, "no end after 10 min 00 s"));
  record.cases.push_back(a_case("test_skip", Outcome::skipped, 0, "only CUDA"));
  record.cases.push_back(a_case("test_late", Outcome::not_run, 0, "the run was stopped"));
  auto flaky = a_case("test_flaky", Outcome::failed, 1.5, "ConnectionError: reset by peer");
  flaky.attempts.push_back(a_case("x", Outcome::passed, 2.5).attempts[0]);
  record.cases.push_back(flaky);
  record.cases.back().batch = "b0002";
  return record;
}

}  // namespace spyre::report
