// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/work.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "agent/core/parallel.hpp"
#include "agent/plan/cut.hpp"

namespace spyre::plan {
namespace {

using Units = std::vector<UnitWork>;

struct FileUnits {
  Units tests, generators;
};

// Generators run with the tests they belong to: those of their class, else those of their file, else after all others.
void rank_generators(FileUnits& file, std::size_t last_rank) {
  const auto lowest = [last_rank](auto first, auto last) {
    const auto found =
        std::min_element(first, last, [](const UnitWork& a, const UnitWork& b) { return a.rank < b.rank; });
    return found == last ? last_rank : found->rank;
  };
  for (UnitWork& generator : file.generators) {
    const std::string prefix = *generator.id + "::";
    const auto first = std::ranges::lower_bound(file.tests, prefix, {}, [](const UnitWork& unit) { return *unit.id; });
    const auto last =
        std::find_if(first, file.tests.end(), [&](const UnitWork& u) { return !u.id->starts_with(prefix); });
    generator.rank = first == last ? lowest(file.tests.begin(), file.tests.end()) : lowest(first, last);
  }
}

// By id, each once: of two the one with the lower rank.
void sort_by_id(Units& units) {
  struct Key {
    std::string_view name;
    std::size_t position = 0;
  };
  // All ids of a file start with its path: only what follows is worth comparing.
  const std::size_t common = units.empty() ? 0 : file_of(*units.front().id).size();
  std::vector<Key> keys;
  keys.reserve(units.size());
  for (const UnitWork& unit : units) keys.push_back({std::string_view(*unit.id).substr(common), keys.size()});
  std::ranges::sort(keys, [&units](const Key& a, const Key& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : units[a.position].rank < units[b.position].rank;
  });
  Units sorted;
  sorted.reserve(units.size());
  for (const Key& key : keys) {
    const UnitWork& unit = units[key.position];
    if (sorted.empty() || *sorted.back().id != *unit.id) sorted.push_back(unit);
  }
  units = std::move(sorted);
}

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

void time_unit(UnitWork& unit, const Durations& durations, double tests_in_file) {
  unit.seconds = durations.test(*unit.id, tests_in_file).value_or(default_seconds(durations, unit));
  if (unit.seconds <= shortest_cut_s) return;
  const auto known = durations.cases.find(*unit.id);
  if (known == durations.cases.end() || known->second.empty()) return;
  unit.cases = &known->second;
  double sum = 0, longest = 0;
  for (const CaseTime& time : known->second) {
    sum += time.seconds;
    longest = std::max(longest, time.seconds);
  }
  // The unit's own time counts; the cases say how it is made up.
  unit.longest_case_s = sum > 0 ? unit.seconds * longest / sum : 0;
}

void measure_file(FileWork& file, FileUnits& units, const testsel::Selection& selection, const Durations& durations,
                  const std::unordered_map<std::string, int>& gangs) {
  sort_by_id(units.tests);
  rank_generators(units, selection.tests.size());
  file.import_s = whole_milliseconds(durations.import_of(std::string(file.path)));
  file.units = std::move(units.tests);
  file.units.insert(file.units.end(), units.generators.begin(), units.generators.end());
  if (!units.generators.empty()) sort_by_id(file.units);
  // The selection does not say how many tests a file has; a stage takes about the same share of each.
  const double share = selection.fraction > 0 && selection.fraction <= 1 ? selection.fraction : 1;
  const double tests_in_file = static_cast<double>(file.units.size()) / share;
  for (UnitWork& unit : file.units) {
    time_unit(unit, durations, tests_in_file);
    const auto gang = gangs.empty() ? gangs.end() : gangs.find(*unit.id);
    if (gang != gangs.end()) unit.width = std::max(1, gang->second);
  }
}

}  // namespace

double whole_milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Work measure(const testsel::Selection& selection, const Durations& durations,
             const std::unordered_map<std::string, int>& gangs) {
  std::unordered_map<std::string_view, FileUnits> by_file;
  for (std::size_t rank = 0; rank < selection.tests.size(); ++rank) {
    const testsel::SelectedTest& test = selection.tests[rank];
    by_file[file_of(test.id)].tests.push_back({.id = &test.id, .breadth = test.breadth, .rank = rank});
  }
  for (const std::string& id : selection.generators)
    by_file[file_of(id)].generators.push_back({.id = &id, .generator = true});

  Work work;
  work.ranks = selection.tests.size() + (selection.generators.empty() ? 0 : 1);
  for (const auto& [path, units] : by_file) work.files.push_back({path, 0, {}});
  std::ranges::sort(work.files, {}, &FileWork::path);
  parallel_for(work.files.size(), [&](std::size_t i) {
    measure_file(work.files[i], by_file.at(work.files[i].path), selection, durations, gangs);
  });
  return work;
}

double total_seconds(const Work& work) {
  double total = 0;
  for (const FileWork& file : work.files) {
    std::set<int> widths;
    for (const UnitWork& unit : file.units) {
      total += unit.seconds * unit.width;
      if (widths.insert(unit.width).second) total += file.import_s * unit.width;
    }
  }
  return total;
}

double lower_bound(const Work& work, int cards) {
  double longest = 0;
  for (const FileWork& file : work.files) {
    double longest_case = 0;
    for (const UnitWork& unit : file.units) longest_case = std::max(longest_case, unit.longest_case_s);
    longest = std::max(longest, file.import_s + longest_case);
  }
  return std::max(longest, total_seconds(work) / cards);
}

}  // namespace spyre::plan
