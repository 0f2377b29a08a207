// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/batch.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "agent/core/parallel.hpp"
#include "agent/core/text.hpp"
#include "agent/junit/reader.hpp"

namespace spyre::junit {
namespace {

constexpr std::size_t details_limit = 64 << 10;  // bytes of a failure's text: enough for its innermost frame

void keep_failure(const Case& each, Part& part) {
  const std::string details = head_and_tail(each.details, details_limit);
  Case failure = each;
  failure.details = details;
  part.failures.add(failure);
}

void count(const Case& each, Part& part) {
  ++part.outcomes[static_cast<std::size_t>(each.outcome)];
  part.time_s += each.time_s;
  if (each.flaky()) ++part.flaky;
  if (each.over_budget) ++part.over_budget;
  if (each.outcome == results::Outcome::not_run) ++part.not_run[std::string(each.message)];
  if (is_failure(each.outcome)) keep_failure(each, part);
  if (part.suite) part.suite->add(each);
}

void read_part(Part& part) {
  const Sink sink = [&](const Case& each) { count(each, part); };
  auto reading = read_file_cases(part.file, sink);
  if (!reading) {
    part.error = std::move(reading.error());
    return;
  }
  part.losses = std::move(reading->losses);
  part.digest = reading->digest;
}

}  // namespace

std::vector<Part> read_parts(const std::vector<std::filesystem::path>& files, const std::optional<Options>& rewritten) {
  std::vector<Part> parts(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    parts[i].file = files[i];
    if (!rewritten) continue;
    Options options = *rewritten;
    options.suite = files[i].generic_string();
    parts[i].suite.emplace(options);
  }
  parallel_for(parts.size(), [&](std::size_t i) { read_part(parts[i]); });
  std::set<std::uint64_t> known;
  for (Part& part : parts) part.doubled = !part.error && !known.insert(part.digest).second;
  return parts;
}

Result<Summary> combine(const std::vector<Part>& parts) {
  Summary summary;
  std::vector<Case> failures;  // views into the texts of the parts
  for (const Part& part : parts) {
    if (part.error && part.error->kind != ErrorKind::invalid) return tl::make_unexpected(*part.error);
    if (part.error) {
      summary.losses.push_back(part.error->message);
      continue;
    }
    if (part.doubled) {
      summary.warnings.push_back(
          fmt::format("{} has the same content as an earlier file: counted once", part.file.string()));
      continue;
    }
    ++summary.files;
    for (std::size_t i = 0; i < results::outcome_count; ++i) summary.outcomes[i] += part.outcomes[i];
    summary.flaky += part.flaky;
    summary.over_budget += part.over_budget;
    summary.time_s += part.time_s;
    for (const auto& [reason, cases] : part.not_run) summary.not_run[reason] += cases;
    for (const Case& each : part.failures) failures.push_back(each);
    summary.losses.insert(summary.losses.end(), part.losses.begin(), part.losses.end());
  }
  results::FailureGrouper grouper;
  for (const Case& each : failures) {
    grouper.add(each.id(), each.outcome, each.message, each.details);
    summary.failures.push_back({each.id(), each.outcome, std::string(each.message), each.time_s, each.reruns});
  }
  summary.groups = grouper.groups();
  std::stable_sort(summary.failures.begin(), summary.failures.end(),
                   [](const Failure& a, const Failure& b) { return a.id < b.id; });
  return summary;
}

}  // namespace spyre::junit
