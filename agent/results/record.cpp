// SPDX-License-Identifier: Apache-2.0
#include "agent/results/record.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/results/case_id.hpp"

namespace spyre::results {
namespace fs = std::filesystem;

std::map<std::string, std::size_t> RunRecord::totals() const {
  std::array<std::size_t, outcome_count> counts{};
  std::size_t flaky = 0, generated = 0;
  for (const CaseResult& each : cases) {
    ++counts[static_cast<std::size_t>(each.outcome())];
    if (each.flaky()) ++flaky;
    if (each.generated) ++generated;
  }
  std::map<std::string, std::size_t> totals{
      {"tests", tests}, {"collected", cases.size()}, {"flaky", flaky}, {"generated", generated}};
  for (std::size_t i = 0; i < outcome_count; ++i) totals.emplace(outcome_names[i], counts[i]);
  return totals;
}

std::size_t RunRecord::over_budget() const {
  return static_cast<std::size_t>(std::ranges::count_if(cases, &CaseResult::over_budget));
}

int RunRecord::exit_code() const {
  if (interrupted_by != 0) return 128 + interrupted_by;
  bool bad = false, not_run = !infra.empty();
  for (const CaseResult& each : cases) {
    bad = bad || is_failure(each.outcome()) || each.over_budget();
    not_run = not_run || (each.outcome() == Outcome::not_run && !each.over_budget());
  }
  if (not_run) return 3;
  if (bad) return 1;
  return cases.empty() ? 4 : 0;
}

std::map<std::string_view, std::vector<const CaseResult*>> cases_by_file(const RunRecord& record) {
  std::unordered_map<std::string_view, std::string_view> files;  // batch → file
  for (const BatchRecord& batch : record.batches) files.emplace(batch.id, batch.file);
  std::map<std::string_view, std::vector<const CaseResult*>> cases;
  for (const CaseResult& each : record.cases) {
    const auto found = files.find(each.batch);
    cases[found == files.end() ? split_case_id(each.id).file : found->second].push_back(&each);
  }
  return cases;
}

bool is_begun(const fs::path& run_dir) {
  std::ifstream file(run_dir / "journal.jsonl", std::ios::binary);
  file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  return file.good();
}

namespace {

// Call `use` for each complete line, with its number. A last line without a newline is torn: the agent died while it
// wrote.
Result<void> read_lines(const fs::path& path, const std::function<Result<void>(std::string_view, std::size_t)>& use) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::make_unexpected(errno_error("read", path));
  std::string line;
  for (std::size_t number = 1; std::getline(file, line) && !file.eof(); ++number) CHECK_OK(use(line, number));
  if (file.bad()) return tl::make_unexpected(errno_error("read", path));
  return {};
}

Result<Event> parse_event(std::string_view line) {
  const nlohmann::json object = parse_json_or_discard(line);
  if (object.is_discarded()) return fail(ErrorKind::invalid, "this is not valid JSON");
  return read_event(object);
}

}  // namespace

Result<void> read_events(const fs::path& run_dir, const std::function<Result<void>(Event)>& use) {
  const fs::path path = run_dir / "journal.jsonl";
  std::size_t last = 0;
  CHECK_OK(read_lines(path, [&](std::string_view line, std::size_t number) -> Result<void> {
    last = number;
    auto event = parse_event(line);
    const Result<void> used = event ? use(std::move(*event)) : tl::make_unexpected(std::move(event.error()));
    if (used) return {};
    Error error = used.error();
    error.message = fmt::format("{}:{}: {}", path.string(), number, error.message);
    if (error.kind == ErrorKind::invalid && error.hint.empty()) {
      error.hint = fmt::format("`spyre-ci resume --skip-damaged {}` goes on without such lines", run_dir.string());
    }
    return tl::make_unexpected(std::move(error));
  }));
  if (last == 0) return fail(ErrorKind::invalid, fmt::format("{} is empty: no run was started", path.string()));
  return {};
}

Result<Damage> drop_damaged_lines(const fs::path& run_dir) {
  const fs::path journal = run_dir / "journal.jsonl", kept = run_dir / "journal.damaged.jsonl";
  const fs::path whole = run_dir / "journal.whole.jsonl";
  std::error_code error;
  fs::remove(whole, error);
  TRY(LineLog log, LineLog::open(whole));
  RecordBuilder builder;
  Damage damage;
  CHECK_OK(read_lines(journal, [&](std::string_view line, std::size_t number) -> Result<void> {
    auto event = parse_event(line);
    const Result<void> folded = event ? builder.fold(std::move(*event)) : tl::make_unexpected(std::move(event.error()));
    if (folded) return log.append(line);
    if (number == 1 && !folded.error().hint.empty()) {
      return fail(folded.error().kind, fmt::format("{}:1: {}", journal.string(), folded.error().message),
                  folded.error().hint);
    }
    if (number == 1) {
      return fail(ErrorKind::invalid, fmt::format("{}:1: the first line, run_started, is damaged", journal.string()),
                  "start the run again, in another directory");
    }
    damage.lines.push_back(number);
    return {};
  }));
  for (const CaseResult& each : builder.so_far().cases) damage.cases += each.attempts.empty() ? 1 : 0;
  if (damage.lines.empty()) {
    fs::remove(whole, error);
    return damage;
  }
  CHECK_OK(log.sync());
  // The replacement is atomic: a journal exists at every moment.
  fs::remove(kept, error);
  fs::create_hard_link(journal, kept, error);
  if (!error) fs::rename(whole, journal, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot replace {}: {}", journal.string(), error.message()));
  return damage;
}

Result<RunRecord> read_record(const fs::path& run_dir) {
  RecordBuilder builder;
  CHECK_OK(read_events(run_dir, [&](Event event) { return builder.fold(std::move(event)); }));
  return std::move(builder).close();
}

}  // namespace spyre::results
