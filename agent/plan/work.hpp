// SPDX-License-Identifier: Apache-2.0
// What there is to do, measured: the planner's view of a selection. Views into the durations, which have to outlive it.
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
  const CaseTimes* cases = nullptr;  // when they are known
  std::uint32_t expected_cases = 1;
  bool generator = false;
  bool guessed = false;  // it has no known duration
  double seconds = 0;
  double longest_case_s = 0;  // what cannot be cut; 0 when it is not known
  std::size_t rank = 0;       // position in the selection; a generator has that of its first test
  int width = 1;              // cards that it needs at once
};

struct FileWork {
  std::shared_ptr<const std::string> texts;  // the path and all ids, one behind the other
  std::string_view path;                     // views into them, as those of the units
  double import_s = 0;
  bool import_guessed = false;
  std::vector<UnitWork> units;  // sorted by id
  double card_seconds = 0;      // that are needed at least: the file is imported once for each size of gang in it
  double longest_case_s = 0;
};

struct Work {
  std::vector<FileWork> files;  // sorted by path; none without units
  std::size_t ranks = 0;        // every rank is below this
};

// Estimates are whole milliseconds: nobody knows more in advance, and documents stay readable.
double whole_milliseconds(double seconds);

// What has no known duration is guessed (plan/cold_times.hpp), times what is known to be right of other guesses: of
// tests of this selection that have been timed, and of imports. `gangs`: units that need more than one card, and how
// many.
Work measure(const testsel::Selection& selection, const Durations& durations,
             const std::unordered_map<std::string, int>& gangs = {});

// Sets what follows from the units and the import of a file.
void add_up(FileWork& file);
// Card-seconds that are needed at least.
double total_seconds(const Work& work);
// No plan for this many cards can end earlier: neither before a card's fair share of the work is done, nor before the
// longest case has run, import first.
double lower_bound(const Work& work, int cards);

}  // namespace spyre::plan
