// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/resume.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;
using results::Outcome;

namespace {

// Two deaths may be an accident: machines are taken away from runs.
constexpr int deadly = 3;

Result<void> check_same_plan(const results::RunRecord& record, const plan::Plan& plan,
                             const std::vector<std::size_t>& wanted, const fs::path& run_dir) {
  const std::string hint = "give the plan.json of that run directory";
  if (record.revision != plan.revision) {
    return fail(
        ErrorKind::usage,
        fmt::format("{} is a run of revision {}, the plan is for {}", run_dir.string(), record.revision, plan.revision),
        hint);
  }
  std::unordered_map<std::string, const results::BatchRecord*> known;
  for (const results::BatchRecord& batch : record.batches) known.emplace(batch.id, &batch);
  const bool same = wanted.size() == known.size() && std::all_of(wanted.begin(), wanted.end(), [&](std::size_t number) {
                      const plan::Batch& batch = plan.batches[number];
                      const auto found = known.find(batch.id);
                      return found != known.end() && found->second->file == batch.file &&
                             std::ranges::equal(found->second->units, batch.units);
                    });
  if (same) return {};
  return fail(ErrorKind::usage, fmt::format("{} was started with another plan", run_dir.string()), hint);
}

RunKnowledge knowledge_of(const results::RunRecord& record) {
  RunKnowledge knowledge;
  for (const results::CaseResult& each : record.cases) {
    if (each.outcome() == Outcome::not_run) continue;
    knowledge.known[each.id] = {static_cast<int>(each.attempts.size()), each.outcome()};
    ++knowledge.finished;
    if (results::is_failure(each.attempts.front().outcome)) ++knowledge.failed;
    // An error of collection has a unit of its own: the file, or a class of it.
    if (each.id == each.unit) knowledge.not_collected.insert(each.id);
  }
  return knowledge;
}

// Return the batches that ended before all of their cases had run, because their time was over. A file that could not
// be collected is not such a case: another attempt must not turn it into a pass.
std::unordered_set<std::string_view> cut_off_batches(const results::RunRecord& record) {
  std::unordered_map<std::string_view, std::string_view> files;
  for (const results::BatchRecord& batch : record.batches) files.emplace(batch.id, batch.file);
  std::unordered_set<std::string_view> cut_off;
  for (const results::CaseResult& each : record.cases) {
    if (each.outcome() == Outcome::not_run && each.id != files[each.batch]) cut_off.insert(each.batch);
  }
  return cut_off;
}

}  // namespace

void Deaths::see(const results::Event& event) {
  namespace journal = results::event;
  const auto& what = event.what;
  if (const auto* started = std::get_if<journal::CaseStarted>(&what)) m_running[started->batch] = started->id;
  if (const auto* finished = std::get_if<journal::CaseFinished>(&what)) m_running.erase(finished->batch);
  if (const auto* finished = std::get_if<journal::BatchFinished>(&what)) m_running.erase(finished->batch);
  if (std::holds_alternative<journal::RunFinished>(what)) m_running.clear();  // a stop is not a death
  if (!std::holds_alternative<journal::RunResumed>(what)) return;
  m_deaths = counted();
  m_running.clear();
}

std::map<std::string, int> Deaths::counted() const {
  std::map<std::string, int> deaths = m_deaths;
  for (const auto& [batch, id] : m_running) ++deaths[id];
  return deaths;
}

Result<Remainder> read_remainder(const fs::path& run_dir, const plan::Plan& plan,
                                 const std::vector<std::size_t>& wanted) {
  Remainder rest;
  Deaths deaths;
  CHECK_OK(results::read_events(run_dir, [&](results::Event event) {
    deaths.see(event);
    return rest.journal.fold(std::move(event));
  }));
  rest.record = rest.journal.close();
  CHECK_OK(check_same_plan(rest.record, plan, wanted, run_dir));
  const std::unordered_set<std::string_view> cut_off = cut_off_batches(rest.record);
  std::unordered_map<std::string_view, const results::BatchRecord*> known;
  for (const results::BatchRecord& batch : rest.record.batches) known.emplace(batch.id, &batch);
  for (const std::size_t number : wanted) {
    const results::BatchRecord& batch = *known.at(plan.batches[number].id);
    const bool is_done = batch.finished && !batch.is_dropped() && !cut_off.contains(batch.id);
    if (!is_done) rest.batches.push_back(number);
  }
  rest.knowledge = knowledge_of(rest.record);

  const std::map<std::string, int> died = deaths.counted();
  for (const results::CaseResult& each : rest.record.cases) {
    const auto found = died.find(each.id);
    KnownAttempts& attempts = rest.knowledge.known[each.id];
    // The first deaths are ignored; each one after them counts as an attempt.
    if (found == died.end() || found->second < deadly + attempts.count) continue;
    rest.killers.push_back(
        {each.batch, each.id, each.unit, {Outcome::crashed, 0, {}, {}, {}, -1, {results::Cause::Kind::agent_died}}});
    attempts = {attempts.count + 1, Outcome::crashed};
  }
  return rest;
}

}  // namespace spyre::execute
