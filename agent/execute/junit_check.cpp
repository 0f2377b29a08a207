// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/junit_check.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "agent/results/case_id.hpp"

namespace spyre::execute {

using results::Outcome;

namespace {

// More would only say again that the two do not agree.
constexpr std::size_t warning_limit = 5;

enum class Kind { passed, skipped, failed };

Kind kind_of(Outcome outcome) {
  if (results::is_failure(outcome)) return Kind::failed;
  return outcome == Outcome::skipped || outcome == Outcome::xfailed ? Kind::skipped : Kind::passed;
}

// The same for both witnesses, however they write files and nested classes.
std::string key_of(std::string_view class_path, std::string_view name) {
  const std::size_t end = class_path.find_last_of(".:");
  const auto last = end == std::string_view::npos ? class_path : class_path.substr(end + 1);
  return fmt::format("{}::{}", last, name);
}

}  // namespace

std::vector<std::string> compare_junit(const results::JunitCases& file,
                                       const std::vector<std::pair<std::string, Outcome>>& events) {
  std::map<std::string, Kind> told;
  for (const auto& [id, outcome] : events) {
    const results::CaseName parts = results::split_case_id(id);
    told.emplace(key_of(parts.class_path, parts.name), kind_of(outcome));
  }
  std::map<std::string, Kind> written;  // a case that fails and then cannot be torn down is there twice
  for (const results::JunitCase& each : file) {
    Kind& kind = written.emplace(key_of(each.classname, each.name), Kind::passed).first->second;
    kind = std::max(kind, kind_of(each.outcome));
  }
  std::vector<std::string> differences;
  for (const auto& [key, kind] : written) {
    const auto event = told.find(key);
    if (event == told.end()) {
      differences.push_back(fmt::format("{} is in pytest's JUnit file, but the worker never told of it", key));
    } else if (event->second != kind) {
      differences.push_back(fmt::format("{} has another outcome in pytest's JUnit file than the worker told", key));
    }
  }
  for (const auto& [key, kind] : told) {
    if (!written.contains(key)) differences.push_back(fmt::format("{} is missing in pytest's JUnit file", key));
  }
  return differences;
}

std::vector<std::string> check_junit(const CheckJunit& check) {
  const auto report = results::read_junit(check.path);
  std::vector<std::string> warnings;
  if (report) {
    if (check.complete) {
      warnings = compare_junit(report->cases, check.cases);
      warnings.insert(warnings.end(), report->losses.begin(), report->losses.end());
    }
  } else if (check.complete) {
    warnings.push_back(report.error().message);
  }
  if (warnings.size() > warning_limit) {
    const std::size_t more = warnings.size() - warning_limit;
    warnings.resize(warning_limit);
    warnings.push_back(fmt::format("… and {} more differences between pytest's JUnit file and the events", more));
  }
  std::error_code ignored;
  std::filesystem::remove(check.path, ignored);
  return warnings;
}

}  // namespace spyre::execute
