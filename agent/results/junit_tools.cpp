// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_tools.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/results/junit_batch.hpp"

namespace spyre::results {
namespace fs = std::filesystem;

Result<std::vector<fs::path>> find_junit_files(const std::vector<fs::path>& arguments) {
  std::vector<fs::path> files;
  for (const fs::path& argument : arguments) {
    std::error_code error;
    if (!fs::is_directory(argument, error)) {
      if (!fs::exists(argument, error)) {
        return fail(ErrorKind::not_found, fmt::format("there is no file {}", argument.string()));
      }
      files.push_back(argument);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(argument, error)) {
      if (entry.path().extension() == ".xml" && entry.is_regular_file(error)) found.push_back(entry.path());
    }
    if (error) {
      return fail(ErrorKind::io, fmt::format("cannot read the folder {}: {}", argument.string(), error.message()));
    }
    if (found.empty()) {
      return fail(ErrorKind::nothing_selected, fmt::format("there is no *.xml in {}", argument.string()));
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::size_t JunitSummary::collected() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::size_t{0});
}

int JunitSummary::exit_code() const {
  if (!losses.empty() || outcomes[static_cast<std::size_t>(Outcome::not_run)] > over_budget) return 3;
  if (!failures.empty() || over_budget > 0) return 1;
  return collected() == 0 ? 4 : 0;
}

Result<JunitSummary> summarize_junit(const std::vector<fs::path>& files) {
  return combine(read_junit_parts(files, std::nullopt));
}

nlohmann::json to_json(const JunitSummary& summary) {
  nlohmann::json totals{{"tests", summary.collected()}, {"collected", summary.collected()}, {"flaky", summary.flaky}};
  for (std::size_t i = 0; i < outcome_count; ++i) totals[std::string(outcome_names[i])] = summary.outcomes[i];
  nlohmann::json failures = nlohmann::json::array();
  for (const JunitFailure& each : summary.failures) {
    failures.push_back({{"id", each.id},
                        {"unit", each.id},
                        {"outcome", name(each.outcome)},
                        {"message", each.message},
                        {"verdict", "unknown"},
                        {"attempts", each.reruns + 1},
                        {"duration_s", each.time_s}});
  }
  return {{"schema", schema_id("summary")},
          {"run_id", ""},
          {"revision", ""},
          {"stage", ""},
          {"exit_code", summary.exit_code()},
          {"wall_s", summary.time_s},
          {"files", summary.files},
          {"totals", std::move(totals)},
          {"failures", std::move(failures)},
          {"groups", to_json(summary.groups)},
          {"not_run", summary.not_run},
          {"over_budget", summary.over_budget},
          {"infra", summary.losses},
          {"warnings", summary.warnings}};
}

Result<JunitSummary> merge_junit(const std::vector<fs::path>& files, const fs::path& output,
                                 const JunitOptions& options) {
  const std::vector<JunitPart> parts = read_junit_parts(files, options);
  TRY(JunitSummary summary, combine(parts));
  if (summary.collected() == 0) {
    const std::string why = summary.losses.empty() ? "the files hold no case" : summary.losses.front();
    return fail(ErrorKind::nothing_selected, fmt::format("there is nothing to merge: {}", why));
  }
  JunitCounts counts;
  std::string suites;
  for (const JunitPart& part : parts) {
    if (part.error || part.doubled) continue;
    counts.add(part.suite->counts());
    suites += part.suite->finish({});
  }
  CHECK_OK(write_file(output, junit_document(counts, suites)));
  return summary;
}

}  // namespace spyre::results
