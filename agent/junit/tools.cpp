// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/tools.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/junit/batch.hpp"

namespace spyre::junit {
namespace fs = std::filesystem;

Result<std::vector<fs::path>> find_files(const std::vector<fs::path>& arguments) {
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
      return fail(ErrorKind::io, fmt::format("cannot read the directory {}: {}", argument.string(), error.message()));
    }
    if (found.empty()) {
      return fail(ErrorKind::nothing_selected, fmt::format("no *.xml files in {}", argument.string()));
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::size_t Summary::collected() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::size_t{0});
}

int Summary::exit_code() const {
  if (!losses.empty() || outcomes[static_cast<std::size_t>(results::Outcome::not_run)] > over_budget) return 3;
  if (!failures.empty() || over_budget > 0) return 1;
  return collected() == 0 ? 4 : 0;
}

Result<Summary> summarize(const std::vector<fs::path>& files) {
  return combine(read_parts(files, std::nullopt));
}

nlohmann::json to_json(const Summary& summary) {
  nlohmann::json totals{{"tests", summary.collected()}, {"collected", summary.collected()}, {"flaky", summary.flaky}};
  for (std::size_t i = 0; i < results::outcome_count; ++i)
    totals[std::string(results::outcome_names[i])] = summary.outcomes[i];
  nlohmann::json failures = nlohmann::json::array();
  for (const Failure& each : summary.failures) {
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

Result<Summary> merge(const std::vector<fs::path>& files, const fs::path& output, const Options& options) {
  const std::vector<Part> parts = read_parts(files, options);
  TRY(Summary summary, combine(parts));
  if (summary.collected() == 0) {
    const std::string why = summary.losses.empty() ? "the files do not contain any case" : summary.losses.front();
    return fail(ErrorKind::nothing_selected, fmt::format("there is nothing to merge: {}", why));
  }
  Counts counts;
  std::string suites;
  for (const Part& part : parts) {
    if (part.error || part.doubled) continue;
    counts.add(part.suite->counts());
    suites += part.suite->finish({});
  }
  CHECK_OK(write_file(output, format_document(counts, suites)));
  return summary;
}

}  // namespace spyre::junit
