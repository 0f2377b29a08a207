// SPDX-License-Identifier: Apache-2.0
// Hand-made selections and durations.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "agent/plan/planner.hpp"

namespace spyre::plan {

inline testsel::Selection selection_of(const std::vector<std::string>& tests,
                                       const std::vector<std::string>& generators = {}) {
  testsel::Selection selection;
  selection.revision = "0123456789012345678901234567890123456789";
  selection.stage = "1";
  for (const std::string& id : tests) selection.tests.push_back({id, testsel::Breadth::single, 1});
  selection.generators = generators;
  return selection;
}

// Make `files` files with `tests` tests each, the files in turn as a rank would order them: test/test_0.py::T::test_0,
// …
inline testsel::Selection regular_selection(int files, int tests) {
  std::vector<std::string> ids;
  for (int test = 0; test < tests; ++test) {
    for (int file = 0; file < files; ++file) {
      ids.push_back("test/test_" + std::to_string(file) + ".py::T::test_" + std::to_string(test));
    }
  }
  return selection_of(ids);
}

// Round numbers, independent of the default guesses: a test over dtypes takes 3 s.
inline Durations guesses() {
  Durations durations;
  durations.cold = {
      .test_s = 0.3, .case_s = 2.7 / 7, .generator_s = 0.3, .import_s = 3, .module_s = 0, .kilobyte_s = 0};
  return durations;
}

inline const Batch& batch_of(const Plan& plan, const std::string& id) {
  for (const Batch& batch : plan.batches) {
    if (batch.id == id) return batch;
  }
  throw std::out_of_range(id);
}

}  // namespace spyre::plan
