// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/durations.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/plan/fields.hpp"

namespace spyre::plan {
namespace {

// PyTorch names a file "distributed/test_c10d", or sometimes by its path on the machine that timed it.
std::string path_of_timed_file(std::string_view name) {
  constexpr std::string_view directory = "/test/";
  if (name.starts_with('/')) {
    const std::size_t at = name.find(directory);
    name.remove_prefix(at == std::string_view::npos ? 1 : at + directory.size());
  }
  if (name.ends_with(".py")) name.remove_suffix(3);
  return fmt::format("test/{}.py", name);
}

Result<ByUnit<double>> read_seconds(const Field& field) {
  CHECK_OK(field.check_object());
  ByUnit<double> out;
  for (const auto& [name, value] : field.value().items()) {
    TRY(const double seconds, field.entry(name, value).as_seconds());
    out.emplace_hint(out.end(), name, seconds);
  }
  return out;
}

Result<Durations> read_history(const Field& document) {
  TRY(const Field schema_field, document.at("schema"));
  TRY(const std::string schema, schema_field.as_string());
  if (schema != schema_id("history")) {
    return fail(ErrorKind::invalid,
                fmt::format(R"({}: expected "{}", found "{}")", schema_field.place(), schema_id("history"),
                            shorten(schema, 60)),
                "durations come from PyTorch's test-times.json or from `spyre-ci history durations --json`");
  }
  Durations durations;
  TRY(const Field tests, document.at("tests"));
  TRY(durations.tests, read_seconds(tests));
  TRY(const Field imports, document.at("imports"));
  TRY(const auto import_seconds, read_seconds(imports));
  durations.imports.insert(import_seconds.begin(), import_seconds.end());
  if (!document.has("cases")) return durations;
  TRY(const Field cases, document.at("cases"));
  CHECK_OK(cases.check_object());
  for (const auto& [unit, times] : cases.value().items()) {
    TRY(const auto by_case, read_seconds(cases.entry(unit, times)));
    CaseTimes& known = durations.cases[unit];
    known.reserve(by_case.size());
    for (const auto& [id, seconds] : by_case) known.add(case_time(id, seconds));
  }
  return durations;
}

// Return the entry for a job and a configuration, with the fallbacks of PyTorch's own tools.
Result<Field> find_times(const Field& document, std::string_view job, std::string_view config) {
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [job_name, config_name] : {Pair{job, config}, Pair{"default", config}, Pair{"default", "default"}}) {
    if (!document.has(job_name)) continue;
    TRY(const Field configs, document.at(job_name));
    if (configs.has(config_name)) return configs.at(config_name);
  }
  return fail(ErrorKind::invalid,
              fmt::format("{}: no times for {}/{}, nor for default/default", document.place(), job, config),
              "durations come from PyTorch's test-times.json ({job: {config: {file: seconds}}}) or from "
              "`spyre-ci history durations --json`");
}

}  // namespace

std::string_view file_of(std::string_view unit) {
  return unit.substr(0, unit.find("::"));
}

CaseTime case_time(std::string_view id, double seconds) {
  return {stable_hash(id), seconds};
}

CaseTimes::CaseTimes(std::initializer_list<CaseTime> times) {
  for (const CaseTime& time : times) add(time);
}

void CaseTimes::add(CaseTime time) {
  m_times.push_back(time);
  m_seconds += time.seconds;
  m_longest_s = std::max(m_longest_s, time.seconds);
}

std::optional<double> Durations::import_of(const std::string& file) const {
  const auto found = imports.find(file);
  return found == imports.end() ? std::nullopt : std::optional(found->second);
}

void Durations::fill_from(const Durations& other) {
  tests.insert(other.tests.begin(), other.tests.end());
  imports.insert(other.imports.begin(), other.imports.end());
  files.insert(other.files.begin(), other.files.end());
  cases.insert(other.cases.begin(), other.cases.end());
}

FileTimes::Known FileTimes::of(std::string_view unit) {
  Known known;
  const CaseTimes* cases = m_cases.find(unit);
  if (cases != nullptr && !cases->all().empty()) known.cases = cases;
  if (const double* own = m_tests.find(unit)) {
    known.seconds = *own;
  } else if (known.cases != nullptr) {
    known.seconds = known.cases->seconds();
  }
  return known;
}

Result<Durations> read_durations(const std::filesystem::path& path, std::string_view job, std::string_view config) {
  TRY(const std::string text, read_file(path));
  TRY(const nlohmann::json json, parse_json(text, path.string()));
  const Field document(json, path.string());
  CHECK_OK(document.check_object());
  if (document.has("schema")) return read_history(document);

  TRY(const Field times, find_times(document, job, config));
  TRY(const auto files, read_seconds(times));
  Durations durations;
  for (const auto& [name, seconds] : files) {
    double& known = durations.files[path_of_timed_file(name)];
    known = std::max(known, seconds);  // two names may mean one file: the result must not depend on their order
  }
  return durations;
}

}  // namespace spyre::plan
