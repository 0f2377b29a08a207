// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/junit_check.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "agent/results/case_id.hpp"

namespace spyre::execute {

using results::Outcome;

namespace {

// More lines would only repeat that the two do not agree.
constexpr std::size_t warning_limit = 5;

enum class Kind { passed, skipped, failed };

Kind kind_of(Outcome outcome) {
  if (results::is_failure(outcome)) return Kind::failed;
  return outcome == Outcome::skipped || outcome == Outcome::xfailed ? Kind::skipped : Kind::passed;
}

// Return a character of a name as pytest writes it to its file: "#x1B" if XML does not allow the character.
std::string escaped(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  const bool is_control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
  if (is_control || byte == 0x7F) return fmt::format("#x{:02X}", byte);
  if (byte < 0xF0) return std::string(character);
  std::uint32_t point = byte & 0x07;
  for (const char next : character.substr(1)) point = point << 6 | (static_cast<unsigned char>(next) & 0x3F);
  return fmt::format("#x{:04X}", point);
}

std::string as_written(std::string_view name) {
  std::string out;
  for (std::size_t begin = 0; begin < name.size();) {
    std::size_t end = begin + 1;
    while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) ++end;
    out += escaped(name.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

// A lone surrogate cannot be sent; in the worker's events it is a "?".
std::string without_halves(std::string name) {
  constexpr std::size_t length = 6;  // "#xDC80"
  for (std::size_t at = name.find("#xD"); at != std::string::npos; at = name.find("#xD", at + 1)) {
    if (name.size() >= at + length && name[at + 3] >= '8') name.replace(at, length, "?");
  }
  return name;
}

// Return the same key for both sources, wherever the file's name ends: in the JUnit file a class may look like a
// module.
std::string key_of(std::string_view path, std::string_view name) {
  const std::size_t end = path.find_last_of(".:/");
  const auto last = end == std::string_view::npos ? path : path.substr(end + 1);
  return fmt::format("{}::{}", last, name);
}

std::string key_of_event(std::string_view id) {
  const results::CaseName parts = results::split_case_id(id);
  const std::string module = results::module_name(parts.file);
  return key_of(parts.class_path.empty() ? module : as_written(parts.class_path), as_written(parts.name));
}

std::string key_of_written(const junit::Case& one) {
  const std::string module = results::module_name(one.file);
  return without_halves(key_of(one.classname.empty() ? std::string_view(module) : one.classname, one.name));
}

// The worker has numbered a repeated id: "test_x[a][2]".
std::string_view without_number(std::string_view id, const std::set<std::string_view>& ids) {
  const std::size_t bracket = id.rfind('[');
  if (!id.ends_with(']') || bracket == std::string_view::npos) return id;
  const std::string_view number = id.substr(bracket + 1, id.size() - bracket - 2);
  const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number && ids.contains(id.substr(0, bracket)) ? id.substr(0, bracket) : id;
}

void add(std::map<std::string, Kind>& kinds, std::string key, Outcome outcome) {
  Kind& kind = kinds.emplace(std::move(key), Kind::passed).first->second;
  kind = std::max(kind, kind_of(outcome));
}

}  // namespace

std::vector<std::string> compare_junit(const junit::Cases& file,
                                       const std::vector<std::pair<std::string, Outcome>>& events) {
  std::set<std::string_view> ids;
  for (const auto& [id, outcome] : events) ids.insert(id);
  std::map<std::string, Kind> told;
  for (const auto& [id, outcome] : events) add(told, key_of_event(without_number(id, ids)), outcome);
  std::map<std::string, Kind> written;  // a case that fails and whose tear-down fails is there twice
  for (const junit::Case& each : file) add(written, key_of_written(each), each.outcome);
  std::vector<std::string> differences;
  for (const auto& [key, kind] : written) {
    const auto event = told.find(key);
    if (event == told.end()) {
      differences.push_back(fmt::format("{} is in pytest's JUnit file, but the worker did not report it", key));
    } else if (event->second != kind) {
      differences.push_back(
          fmt::format("{} has a different outcome in pytest's JUnit file than the worker reported", key));
    }
  }
  for (const auto& [key, kind] : told) {
    if (!written.contains(key)) differences.push_back(fmt::format("{} is missing in pytest's JUnit file", key));
  }
  return differences;
}

std::vector<std::string> check_junit(const CheckJunit& check) {
  const auto report = junit::read_report(check.path);
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
