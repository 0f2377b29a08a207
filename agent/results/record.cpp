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

bool is_begun(const fs::path& run_dir) {
  std::ifstream file(run_dir / "journal.jsonl", std::ios::binary);
  file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  return file.good();
}

Result<void> read_events(const fs::path& run_dir, const std::function<Result<void>(const nlohmann::json&)>& use) {
  const fs::path path = run_dir / "journal.jsonl";
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::make_unexpected(errno_error("read", path));
  std::string line;
  std::size_t number = 0;
  // Without its newline a line is torn: the run was cut off while it wrote.
  while (std::getline(file, line) && !file.eof()) {
    ++number;
    const std::string origin = fmt::format("{}:{}", path.string(), number);
    const auto event = parse_json_or_discard(line);
    if (event.is_discarded()) return fail(ErrorKind::invalid, fmt::format("{}: this is not valid JSON", origin));
    if (auto used = use(event); !used) {
      return fail(used.error().kind, fmt::format("{}: {}", origin, used.error().message), used.error().hint);
    }
  }
  if (file.bad()) return tl::make_unexpected(errno_error("read", path));
  if (number == 0) return fail(ErrorKind::invalid, fmt::format("{} is empty: no run was started", path.string()));
  return {};
}

Result<RunRecord> read_record(const fs::path& run_dir) {
  RecordBuilder builder;
  CHECK_OK(read_events(run_dir, [&](const nlohmann::json& event) { return builder.fold(event); }));
  return builder.close();
}

}  // namespace spyre::results
