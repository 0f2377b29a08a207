// SPDX-License-Identifier: Apache-2.0
// The measured work of a selection: the planner's view. Views into the durations, which outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/plan/durations.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

struct UnitWork {
  std::string_view id;
  const CaseTimes* cases = nullptr;  // if known
  std::uint32_t expected_cases = 1;
  bool generator = false;
  bool guessed = false;  // it has no known duration
  double seconds = 0;
  double longest_case_s = 0;  // the part that cannot be cut; 0 if unknown
  std::size_t rank = 0;       // position in the selection; a generator has that of its first test
  int width = 1;              // number of cards that it needs at once
};

struct FileWork {
  std::shared_ptr<const std::string> texts;  // the path and all ids, concatenated
  std::string_view path;                     // a view into `texts`, as are those of the units
  double import_s = 0;
  bool import_guessed = false;
  std::vector<UnitWork> units;  // sorted by id
  double card_seconds = 0;      // lower bound: the file is imported once for each size of gang in it
  double longest_case_s = 0;
};

struct Work {
  std::vector<FileWork> files;  // sorted by path; each has units
  std::size_t ranks = 0;        // every rank is below this
};

// Round to whole milliseconds: estimates are not more precise, and documents stay readable.
double whole_milliseconds(double seconds);

// Measure the work of a selection. A test without a known duration gets a guess (plan/cold_times.hpp), corrected by the
// timed tests and imports of this selection. `gangs`: units that need more than one card, and how many.
Work measure(const testsel::Selection& selection, const Durations& durations,
             const std::unordered_map<std::string, int>& gangs = {});

// Set the totals that follow from the units and the import of a file.
void add_up(FileWork& file);
// Return a lower bound of the work in card-seconds.
double total_seconds(const Work& work);
// Return a lower bound of a plan's makespan on this many cards: a card's fair share of the work, and the longest case
// after its import.
double lower_bound(const Work& work, int cards);

}  // namespace spyre::plan
