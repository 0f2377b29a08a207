// SPDX-License-Identifier: Apache-2.0
// Properties of every possible run.
#include <filesystem>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "agent/core/files.hpp"
#include "agent/results/record.hpp"
#include "tests/unit/results/events.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::results::test;

namespace {

// A random run: batches that start, break off, are collected or not; cases with one or more attempts.
std::vector<nlohmann::json> random_run() {
  std::vector<nlohmann::json> events;
  std::vector<BatchOf> batches;
  const int batch_count = *rc::gen::inRange(0, 5);
  for (int b = 0; b < batch_count; ++b) {
    BatchOf batch{fmt::format("b{}", b), fmt::format("test/test_{}.py", *rc::gen::inRange(0, 3)), {}};
    const int unit_count = *rc::gen::inRange(0, 4);
    for (int u = 0; u < unit_count; ++u) batch.units.push_back(fmt::format("{}::test_{}", batch.file, u));
    batches.push_back(batch);
  }
  events.push_back(run_started(batches));
  for (const BatchOf& batch : batches) {
    const int fate = *rc::gen::inRange(0, 5);
    if (fate == 0) continue;
    if (fate == 1) {
      events.push_back(simple("batch_not_run", {{"batch", batch.id}, {"reason", "no card is left"}}));
      continue;
    }
    events.push_back(simple("batch_started", {{"batch", batch.id}, {"card", 0}}));
    if (fate == 2) {
      events.push_back(finished(batch.id, batch.file, Outcome::crashed, "SIGSEGV while it was imported"));
      continue;
    }
    std::vector<CaseOf> cases;
    for (const std::string& unit : batch.units) {
      const int expansions = *rc::gen::inRange(0, 3);
      for (int i = 0; i < expansions; ++i) cases.push_back({fmt::format("{}_{}_{}", unit, batch.id, i), unit});
    }
    events.push_back(collected(batch.id, cases));
    for (const CaseOf& each : cases) {
      const int attempts = *rc::gen::inRange(0, 3);
      for (int i = 0; i < attempts; ++i) {
        events.push_back(simple("case_started", {{"batch", batch.id}, {"id", each.id}}));
        if (*rc::gen::inRange(0, 10) == 0) break;
        events.push_back(finished(batch.id, each.id, static_cast<Outcome>(*rc::gen::inRange(0, 9)), "m"));
      }
    }
    if (fate == 3) events.push_back(simple("batch_finished", {{"batch", batch.id}}));
  }
  const int end = *rc::gen::inRange(0, 4);
  if (end == 1) events.push_back(simple("run_finished"));
  if (end == 2) events.push_back(simple("run_finished", {{"interrupted_by", 15}}));
  if (end == 3) events.push_back(simple("run_resumed", {{"started", "2026-11-22T03:35:00.123Z"}}));
  return events;
}

void check_laws(const RunRecord& record) {
  const auto totals = record.totals();
  std::size_t sum = 0;
  for (const std::string_view outcome : outcome_names) sum += totals.at(std::string(outcome));
  RC_ASSERT(sum == totals.at("collected"));
  RC_ASSERT(sum == record.cases.size());

  std::set<std::string> ids, units;
  for (const CaseResult& each : record.cases) {
    RC_ASSERT(ids.insert(each.id).second);
    RC_ASSERT(!each.attempts.empty());
    RC_ASSERT(each.outcome() != Outcome::not_run || !reason(each.attempts.back()).empty());
    units.insert(each.unit);
  }
  // Every unit of every batch is accounted for: by a case, by its file's case, or by name as not instantiated.
  for (const BatchRecord& batch : record.batches) {
    for (const std::string& unit : batch.units) {
      const bool named = std::binary_search(record.not_instantiated.begin(), record.not_instantiated.end(), unit);
      RC_ASSERT(units.contains(unit) || ids.contains(batch.file) || named);
    }
  }
  const int code = record.exit_code();
  if (code == 0) {
    RC_ASSERT(totals.at("failed") + totals.at("error") + totals.at("crashed") + totals.at("timed_out") == 0);
    RC_ASSERT(totals.at("not_run") == 0);
    RC_ASSERT(sum > 0);
  }
}

RunRecord folded(const std::vector<nlohmann::json>& events, std::size_t count) {
  RecordBuilder builder;
  for (std::size_t i = 0; i < count; ++i) RC_ASSERT(fold(builder, events[i]).has_value());
  return builder.close();
}

}  // namespace

TEST_CASE("every selected test is accounted for, wherever a run breaks off") {
  CHECK(rc::check("accounting", [] {
    const auto events = random_run();
    const auto count = *rc::gen::inRange<std::size_t>(1, events.size() + 1);
    check_laws(folded(events, count));
  }));
}

TEST_CASE("a journal cut at any byte gives the record of its complete lines") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  CHECK(rc::check("cut", [&] {
    const auto events = random_run();
    std::string text;
    for (const nlohmann::json& event : events) text += event.dump() + "\n";
    const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const auto whole_lines =
        static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
    RC_ASSERT(write_file(directory->path() / "journal.jsonl", text.substr(0, cut)).has_value());
    const auto record = read_record(directory->path());
    if (whole_lines == 0) {
      RC_ASSERT(!record.has_value());
      return;
    }
    RC_ASSERT(record.has_value());
    RC_ASSERT(summary(*record) == summary(folded(events, whole_lines)));
    check_laws(*record);
  }));
}

TEST_CASE("a resumed journal continues after a torn line") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const std::vector<BatchOf> batches{{"b1", "test/test_a.py", {"u"}}};
  REQUIRE(
      write_file(directory->path() / "journal.jsonl", run_started(batches).dump() + "\n" + R"({"event": "case_fini)"));
  auto journal = Journal::open(directory->path());
  REQUIRE(journal);
  REQUIRE(journal->append({3, event::RunResumed{"2026-11-22T03:35:00.123Z"}}));
  REQUIRE(journal->append(*read_event(finished("b1", "u", Outcome::passed))));
  const auto record = read_record(directory->path());
  REQUIRE(record);
  CHECK(record->exit_code() == 0);
}
