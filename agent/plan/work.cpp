// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/work.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "agent/core/parallel.hpp"
#include "agent/plan/cut.hpp"
#include "agent/plan/file_selection.hpp"

namespace spyre::plan {
namespace {

double guess(const ColdTimes& cold, const UnitWork& unit) {
  return unit.generator ? cold.generator_s : cold.of_tests(1, unit.expected_cases);
}

// Measured times and the guesses for the same work.
struct Evidence {
  double seen_s = 0, guessed_s = 0;

  void add(double seen, double guessed) {
    seen_s += seen;
    guessed_s += guessed;
  }
  void add(const Evidence& other) { add(other.seen_s, other.guessed_s); }
  double correction() const { return plan::correction(seen_s, guessed_s); }
};

struct FileEvidence {
  Evidence tests, imports;
};

void take_known(UnitWork& unit, const FileTimes::Known& known) {
  unit.seconds = *known.seconds;
  if (unit.seconds <= shortest_cut_s || known.cases == nullptr) return;
  unit.cases = known.cases;
  // The unit's own time counts; the cases only show its distribution.
  if (unit.cases->seconds() > 0) unit.longest_case_s = unit.seconds * unit.cases->longest_s() / unit.cases->seconds();
}

// Copy the path and all ids of a file into one piece of memory: they are scattered, and are read often.
void gather_texts(FileWork& file, FileSelection& selected) {
  const auto texts = std::make_shared<std::string>();
  const auto for_each_text = [&](auto&& body) {
    body(file.path);
    for (std::vector<Selected>& part : selected.tests) {
      for (Selected& test : part) body(test.id);
    }
    for (Selected& generator : selected.generators) body(generator.id);
  };
  std::size_t size = 0;
  for_each_text([&](std::string_view text) { size += text.size(); });
  texts->reserve(size);  // the views rely on it
  for_each_text([&](std::string_view& text) {
    const std::size_t begin = texts->size();
    *texts += text;
    text = std::string_view(*texts).substr(begin);
  });
  file.texts = texts;
}

// Return the factor for the guesses of a file's tests, so that all of its tests together take the file's time.
std::optional<double> file_correction(const FileWork& file, const testsel::Selection& selection,
                                      const Durations& durations) {
  const std::string path(file.path);
  const auto seconds = durations.files.find(path);
  if (seconds == durations.files.end()) return std::nullopt;
  double guessed = 0;
  const auto size = selection.files.find(path);
  if (size != selection.files.end() && size->second.tests > 0) {
    guessed = durations.cold.of_tests(size->second.tests, size->second.cases);
    const auto generators = std::ranges::count_if(file.units, &UnitWork::generator);
    guessed += durations.cold.generator_s * static_cast<double>(generators);
  } else {
    // A stage takes about the same share of each file.
    const double share = selection.fraction > 0 && selection.fraction <= 1 ? selection.fraction : 1;
    for (const UnitWork& unit : file.units) guessed += guess(durations.cold, unit) / share;
  }
  return guessed > 0 ? std::optional(seconds->second / guessed) : std::nullopt;
}

// Set the times of units, and return the evidence that known times give about guesses.
Evidence time_units(FileWork& file, const testsel::Selection& selection, const Durations& durations) {
  Evidence evidence;
  const std::optional<double> by_file = file_correction(file, selection, durations);
  FileTimes times(durations, std::string(file.path));
  for (UnitWork& unit : file.units) {
    const double guessed = guess(durations.cold, unit);
    const FileTimes::Known known = times.of(unit.id);
    if (known.seconds) {
      take_known(unit, known);
    } else {
      unit.seconds = guessed * by_file.value_or(1);
      unit.guessed = !by_file;
    }
    if (!unit.guessed) evidence.add(unit.seconds, guessed);
  }
  return evidence;
}

FileEvidence measure_file(FileWork& file, FileSelection selected, const testsel::Selection& selection,
                          const Durations& durations, const std::unordered_map<std::string, int>& gangs) {
  FileEvidence evidence;
  const std::string path(file.path);
  const auto size = selection.files.find(path);
  const double guessed_import =
      durations.cold.of_import(size == selection.files.end() ? testsel::SourceSize{} : size->second);
  const std::optional<double> import = durations.import_of(path);
  if (import) evidence.imports.add(*import, guessed_import);
  file.import_s = import.value_or(guessed_import);
  file.import_guessed = !import;
  gather_texts(file, selected);
  file.units = units_of(std::move(selected), selection.tests.size());
  evidence.tests = time_units(file, selection, durations);
  for (UnitWork& unit : file.units) {
    const auto gang = gangs.empty() ? gangs.end() : gangs.find(std::string(unit.id));
    if (gang != gangs.end()) unit.width = std::max(1, gang->second);
  }
  return evidence;
}

void correct_guesses(FileWork& file, double of_tests, double of_imports) {
  if (file.import_guessed) file.import_s *= of_imports;
  file.import_s = whole_milliseconds(file.import_s);
  for (UnitWork& unit : file.units) {
    if (unit.guessed) unit.seconds *= of_tests;
  }
  add_up(file);
}

}  // namespace

double whole_milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Work measure(const testsel::Selection& selection, const Durations& durations,
             const std::unordered_map<std::string, int>& gangs) {
  ByFile by_file = group_by_file(selection);
  Work work;
  work.ranks = selection.tests.size() + (selection.generators.empty() ? 0 : 1);
  for (const auto& [path, selected] : by_file) work.files.push_back({.texts = {}, .path = path, .units = {}});
  std::ranges::sort(work.files, {}, &FileWork::path);
  std::vector<FileEvidence> evidence(work.files.size());
  parallel_for(work.files.size(), [&](std::size_t i) {
    evidence[i] = measure_file(work.files[i], std::move(by_file.at(work.files[i].path)), selection, durations, gangs);
  });
  FileEvidence all;  // added up in the same order on every machine
  for (const FileEvidence& each : evidence) {
    all.tests.add(each.tests);
    all.imports.add(each.imports);
  }
  parallel_for(work.files.size(), [&, of_tests = all.tests.correction(), of_imports = all.imports.correction()](
                                      std::size_t i) { correct_guesses(work.files[i], of_tests, of_imports); });
  return work;
}

void add_up(FileWork& file) {
  file.card_seconds = file.longest_case_s = 0;
  std::vector<int> widths;  // gang sizes that have to import the file
  for (const UnitWork& unit : file.units) {
    file.card_seconds += unit.seconds * unit.width;
    file.longest_case_s = std::max(file.longest_case_s, unit.longest_case_s);
    if (std::ranges::find(widths, unit.width) != widths.end()) continue;
    widths.push_back(unit.width);
    file.card_seconds += file.import_s * unit.width;
  }
}

double total_seconds(const Work& work) {
  double total = 0;
  for (const FileWork& file : work.files) total += file.card_seconds;
  return total;
}

double lower_bound(const Work& work, int cards) {
  double longest = 0;
  for (const FileWork& file : work.files) longest = std::max(longest, file.import_s + file.longest_case_s);
  return std::max(longest, total_seconds(work) / cards);
}

}  // namespace spyre::plan
