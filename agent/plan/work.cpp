// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/work.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <thread>
#include <unordered_map>
#include <utility>

#include "agent/core/parallel.hpp"
#include "agent/plan/cut.hpp"

namespace spyre::plan {
namespace {

// A test or a generator, as the selection has it.
struct Selected {
  std::string_view id;
  std::size_t rank = 0;
  testsel::Breadth breadth = testsel::Breadth::single;
  bool generator = false;
};

struct FileSelection {
  std::vector<Selected> tests, generators;
};
using ByFile = std::unordered_map<std::string_view, FileSelection>;

// Generators run with the tests they belong to: those of their class, else those of their file, else after all others.
void rank_generators(const std::vector<UnitWork>& tests, std::size_t last_rank, std::vector<Selected>& generators) {
  const auto lowest = [last_rank](auto first, auto last) {
    const auto found = std::ranges::min_element(first, last, {}, &UnitWork::rank);
    return found == last ? last_rank : found->rank;
  };
  for (Selected& generator : generators) {
    const std::string prefix = std::string(generator.id) + "::";
    const auto first = std::ranges::lower_bound(tests, prefix, {}, &UnitWork::id);
    const auto last = std::find_if(first, tests.end(), [&](const UnitWork& u) { return !u.id.starts_with(prefix); });
    generator.rank = first == last ? lowest(tests.begin(), tests.end()) : lowest(first, last);
  }
}

// How many bytes all ids have in common at their beginning.
std::size_t common_prefix(const std::vector<Selected>& selected) {
  std::string_view common = selected.empty() ? std::string_view{} : selected.front().id;
  for (const Selected& each : selected) {
    if (each.id.starts_with(common)) continue;
    const auto differ = std::ranges::mismatch(common, each.id);
    common = common.substr(0, static_cast<std::size_t>(differ.in1 - common.begin()));
  }
  return common.size();
}

// The first eight bytes as a number, so that most texts are compared without being read again.
std::uint64_t first_bytes(std::string_view text) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) {
    out = out << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return out;
}

// Sorted by id, each once: of two the one with the lower rank.
std::vector<UnitWork> units_of(const std::vector<Selected>& selected) {
  struct Key {
    std::uint64_t first_bytes;
    std::size_t position;
  };
  const std::size_t common = common_prefix(selected);
  std::vector<Key> keys;
  keys.reserve(selected.size());
  for (const Selected& each : selected) keys.push_back({first_bytes(each.id.substr(common)), keys.size()});
  std::ranges::sort(keys, [&](const Key& left, const Key& right) {
    if (left.first_bytes != right.first_bytes) return left.first_bytes < right.first_bytes;
    const Selected &a = selected[left.position], &b = selected[right.position];
    const int order = a.id.compare(b.id);
    return order != 0 ? order < 0 : a.rank < b.rank;
  });
  std::vector<UnitWork> units;
  units.reserve(selected.size());
  std::uint64_t last = 0;
  for (const Key& key : keys) {
    const Selected& each = selected[key.position];
    const bool again = !units.empty() && key.first_bytes == last && units.back().id == each.id;
    if (!again) {
      units.push_back({.id = each.id, .breadth = each.breadth, .generator = each.generator, .rank = each.rank});
    }
    last = key.first_bytes;
  }
  return units;
}

std::vector<UnitWork> units_of(FileSelection file, std::size_t last_rank) {
  std::vector<UnitWork> units = units_of(file.tests);
  if (file.generators.empty()) return units;
  rank_generators(units, last_rank, file.generators);
  file.tests.insert(file.tests.end(), file.generators.begin(), file.generators.end());
  return units_of(file.tests);
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

void time_unit(UnitWork& unit, const Durations& durations, const FileTimes::Known& known) {
  unit.seconds = known.seconds.value_or(default_seconds(durations, unit));
  if (unit.seconds <= shortest_cut_s || known.cases == nullptr) return;
  unit.cases = known.cases;
  double longest = 0;
  for (const CaseTime& time : *known.cases) {
    unit.cases_s += time.seconds;
    longest = std::max(longest, time.seconds);
  }
  // The unit's own time counts; the cases say how it is made up.
  unit.longest_case_s = unit.cases_s > 0 ? unit.seconds * longest / unit.cases_s : 0;
}

// Brings what a file has to say together in one piece of memory, in the order in which it is going to be read.
void gather_texts(FileWork& file) {
  std::size_t size = file.path.size();
  for (const UnitWork& unit : file.units) size += unit.id.size();
  const auto texts = std::make_shared<std::string>();
  texts->reserve(size);  // which views rely on
  const auto keep = [&](std::string_view& text) {
    const std::size_t begin = texts->size();
    *texts += text;
    text = std::string_view(*texts).substr(begin);
  };
  keep(file.path);
  for (UnitWork& unit : file.units) keep(unit.id);
  file.texts = texts;
}

void measure_file(FileWork& file, FileSelection selected, const testsel::Selection& selection,
                  const Durations& durations, const std::unordered_map<std::string, int>& gangs) {
  const std::string path(file.path);
  file.import_s = whole_milliseconds(durations.import_of(path));
  file.units = units_of(std::move(selected), selection.tests.size());
  gather_texts(file);
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

// Ids lie all over the memory: asked for some time before they are read, they are there.
constexpr std::size_t fetched_ahead = 16;

ByFile group(const testsel::Selection& selection) {
  const std::size_t parts = std::max(std::thread::hardware_concurrency(), 1U);
  std::vector<ByFile> grouped(parts);
  const std::size_t tests = selection.tests.size();
  parallel_for(parts, [&](std::size_t part) {
    for (std::size_t rank = tests * part / parts; rank < tests * (part + 1) / parts; ++rank) {
      __builtin_prefetch(selection.tests[std::min(rank + fetched_ahead, tests - 1)].id.data());
      const testsel::SelectedTest& test = selection.tests[rank];
      grouped[part][file_of(test.id)].tests.push_back({.id = test.id, .rank = rank, .breadth = test.breadth});
    }
  });
  ByFile by_file = std::move(grouped.front());
  for (std::size_t part = 1; part < parts; ++part) {
    for (const auto& [path, some] : grouped[part]) {
      std::vector<Selected>& all = by_file[path].tests;
      all.insert(all.end(), some.tests.begin(), some.tests.end());
    }
  }
  for (const std::string& id : selection.generators) {
    by_file[file_of(id)].generators.push_back({.id = id, .generator = true});
  }
  return by_file;
}

}  // namespace

double whole_milliseconds(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Work measure(const testsel::Selection& selection, const Durations& durations,
             const std::unordered_map<std::string, int>& gangs) {
  ByFile by_file = group(selection);
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
