// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/work.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/parallel.hpp"
#include "agent/plan/cut.hpp"
#include "agent/plan/file_selection.hpp"

namespace spyre::plan {
namespace {

double default_seconds(const Durations& durations, const UnitWork& unit) {
  if (unit.generator) return durations.default_generator_s;
  switch (unit.breadth) {
    case testsel::Breadth::operators:
      return durations.default_operators_s;
    case testsel::Breadth::dtypes:
      return durations.default_dtypes_s;
    case testsel::Breadth::single:
      break;
  }
  return durations.default_test_s;
}

void time_unit(UnitWork& unit, const Durations& durations, const FileTimes::Known& known) {
  unit.seconds = known.seconds.value_or(default_seconds(durations, unit));
  if (unit.seconds <= shortest_cut_s || known.cases == nullptr) return;
  unit.cases = known.cases;
  // The unit's own time counts; the cases say how it is made up.
  if (unit.cases->seconds() > 0) unit.longest_case_s = unit.seconds * unit.cases->longest_s() / unit.cases->seconds();
}

// Brings the path and all ids of a file together in one piece of memory: they lie all over it, and are read often.
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
  texts->reserve(size);  // which views rely on
  for_each_text([&](std::string_view& text) {
    const std::size_t begin = texts->size();
    *texts += text;
    text = std::string_view(*texts).substr(begin);
  });
  file.texts = texts;
}

void measure_file(FileWork& file, FileSelection selected, const testsel::Selection& selection,
                  const Durations& durations, const std::unordered_map<std::string, int>& gangs) {
  const std::string path(file.path);
  file.import_s = whole_milliseconds(durations.import_of(path));
  gather_texts(file, selected);
  file.units = units_of(std::move(selected), selection.tests.size());
  // The selection does not say how many tests a file has; a stage takes about the same share of each.
  const double share = selection.fraction > 0 && selection.fraction <= 1 ? selection.fraction : 1;
  FileTimes times(durations, path, static_cast<double>(file.units.size()) / share);
  for (UnitWork& unit : file.units) {
    time_unit(unit, durations, times.of(unit.id));
    const auto gang = gangs.empty() ? gangs.end() : gangs.find(std::string(unit.id));
    if (gang != gangs.end()) unit.width = std::max(1, gang->second);
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
  parallel_for(work.files.size(), [&](std::size_t i) {
    measure_file(work.files[i], std::move(by_file.at(work.files[i].path)), selection, durations, gangs);
  });
  return work;
}

void add_up(FileWork& file) {
  file.card_seconds = file.longest_case_s = 0;
  std::vector<int> widths;  // that had to import it
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
