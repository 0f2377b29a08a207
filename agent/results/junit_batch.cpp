// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_batch.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "agent/core/parallel.hpp"
#include "agent/core/text.hpp"
#include "agent/results/junit_reader.hpp"

namespace spyre::results {
namespace {

constexpr std::size_t details_limit = 64 << 10;  // of a failure's text: enough to find its innermost frame

void keep_failure(const JunitCase& each, JunitPart& part) {
  const std::string details = head_and_tail(each.details, details_limit);
  JunitCase failure = each;
  failure.details = details;
  part.failures.add(failure);
}

void count(const JunitCase& each, JunitPart& part) {
  ++part.outcomes[static_cast<std::size_t>(each.outcome)];
  part.time_s += each.time_s;
  if (each.flaky()) ++part.flaky;
  if (each.over_budget) ++part.over_budget;
  if (each.outcome == Outcome::not_run) ++part.not_run[std::string(each.message)];
  if (is_failure(each.outcome)) keep_failure(each, part);
  if (part.suite) part.suite->add(each);
}

void read_part(JunitPart& part) {
  const JunitSink sink = [&](const JunitCase& each) { count(each, part); };
  auto reading = read_junit_file(part.file, sink);
  if (!reading) {
    part.error = std::move(reading.error());
    return;
  }
  part.losses = std::move(reading->losses);
  part.digest = reading->digest;
}

}  // namespace

std::vector<JunitPart> read_junit_parts(const std::vector<std::filesystem::path>& files,
                                        const std::optional<JunitOptions>& rewritten) {
  std::vector<JunitPart> parts(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    parts[i].file = files[i];
    if (!rewritten) continue;
    JunitOptions options = *rewritten;
    options.suite = files[i].generic_string();
    parts[i].suite.emplace(options);
  }
  parallel_for(parts.size(), [&](std::size_t i) { read_part(parts[i]); });
  std::set<std::uint64_t> known;
  for (JunitPart& part : parts) part.doubled = !part.error && !known.insert(part.digest).second;
  return parts;
}

Result<JunitSummary> combine(const std::vector<JunitPart>& parts) {
  JunitSummary summary;
  std::vector<JunitCase> failures;  // of texts in the parts
  for (const JunitPart& part : parts) {
    if (part.error && part.error->kind != ErrorKind::invalid) return tl::make_unexpected(*part.error);
    if (part.error) {
      summary.losses.push_back(part.error->message);
      continue;
    }
    if (part.doubled) {
      summary.warnings.push_back(
          fmt::format("{} has the same content as a file before it: counted once", part.file.string()));
      continue;
    }
    ++summary.files;
    for (std::size_t i = 0; i < outcome_count; ++i) summary.outcomes[i] += part.outcomes[i];
    summary.flaky += part.flaky;
    summary.over_budget += part.over_budget;
    summary.time_s += part.time_s;
    for (const auto& [reason, cases] : part.not_run) summary.not_run[reason] += cases;
    for (const JunitCase& each : part.failures) failures.push_back(each);
    summary.losses.insert(summary.losses.end(), part.losses.begin(), part.losses.end());
  }
  FailureGrouper grouper;
  for (const JunitCase& each : failures) {
    grouper.add(each.id(), each.outcome, each.message, each.details);
    summary.failures.push_back({each.id(), each.outcome, std::string(each.message), each.time_s, each.reruns});
  }
  summary.groups = grouper.groups();
  std::stable_sort(summary.failures.begin(), summary.failures.end(),
                   [](const JunitFailure& a, const JunitFailure& b) { return a.id < b.id; });
  return summary;
}

}  // namespace spyre::results
