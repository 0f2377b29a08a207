// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/work.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

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

void sort_by_id(Units& units) {
  // All ids of a file start with its path: only what follows is worth comparing.
  const std::size_t common = units.empty() ? 0 : file_of(*units.front().id).size();
  std::ranges::sort(units, [common](const UnitWork& a, const UnitWork& b) {
    const int order = std::string_view(*a.id).substr(common).compare(std::string_view(*b.id).substr(common));
    return order != 0 ? order < 0 : a.rank < b.rank;
  });
  const auto same = [](const UnitWork& a, const UnitWork& b) { return *a.id == *b.id; };
  units.erase(std::unique(units.begin(), units.end(), same), units.end());
}

void time_unit(UnitWork& unit, const Durations& durations, double tests_in_file) {
  unit.seconds = durations.test(*unit.id, tests_in_file);
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

FileWork measure_file(std::string_view path, FileUnits& units, const testsel::Selection& selection,
                      const Durations& durations) {
  sort_by_id(units.tests);
  rank_generators(units, selection.tests.size());
  FileWork file{path, whole_milliseconds(durations.import_of(std::string(path))), std::move(units.tests)};
  file.units.insert(file.units.end(), units.generators.begin(), units.generators.end());
  sort_by_id(file.units);
  // The selection does not say how many tests a file has; a stage takes about the same share of each.
  const double share = selection.fraction > 0 && selection.fraction <= 1 ? selection.fraction : 1;
  const double tests_in_file = static_cast<double>(file.units.size()) / share;
  for (UnitWork& unit : file.units) time_unit(unit, durations, tests_in_file);
  return file;
}

}  // namespace

double whole_milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Work measure(const testsel::Selection& selection, const Durations& durations) {
  std::unordered_map<std::string_view, FileUnits> by_file;
  for (std::size_t rank = 0; rank < selection.tests.size(); ++rank) {
    const std::string& id = selection.tests[rank].id;
    by_file[file_of(id)].tests.push_back({.id = &id, .rank = rank});
  }
  for (const std::string& id : selection.generators) by_file[file_of(id)].generators.push_back({.id = &id});

  Work work;
  work.files.reserve(by_file.size());
  for (auto& [path, units] : by_file) work.files.push_back(measure_file(path, units, selection, durations));
  std::ranges::sort(work.files, {}, &FileWork::path);
  work.ranks = selection.tests.size() + (selection.generators.empty() ? 0 : 1);
  return work;
}

double total_seconds(const Work& work) {
  double total = 0;
  for (const FileWork& file : work.files) {
    total += file.import_s;
    for (const UnitWork& unit : file.units) total += unit.seconds;
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
