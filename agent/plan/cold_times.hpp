// SPDX-License-Identifier: Apache-2.0
// Estimates of tests and imports without a known duration, from what their source says.
#pragma once

#include <algorithm>
#include <cstddef>

#include "testsel/selection.hpp"

namespace spyre::plan {

// Seconds, on one core. Only how they relate to each other matters much, and that is about the same in every release of
// PyTorch: the rest is corrected by what is known of other tests (plan/work.hpp), and by what finishes
// (plan/queue.hpp).
struct ColdTimes {
  double test_s = 0.3;         // a test, with its first case
  double case_s = 0.02;        // each further case
  double generator_s = 10;     // what makes tests that no line of source names: their number is unknown
  double import_s = 0.15;      // a file, in a worker that has imported torch
  double module_s = 0.025;     // each module that the file imports
  double kilobyte_s = 0.0005;  // of the file's source

  // Of so many tests, which have so many cases together; a test has at least one.
  double of_tests(std::size_t tests, std::size_t cases) const {
    return test_s * static_cast<double>(tests) + case_s * static_cast<double>(std::max(cases, tests) - tests);
  }
  double of_import(const testsel::SourceSize& file) const {
    return import_s + module_s * static_cast<double>(file.imports) +
           kilobyte_s * static_cast<double>(file.bytes) / 1000;
  }
};

// Relates what was seen to what had been guessed of the same, in seconds: by how much to correct other guesses. Near 1
// while little was seen.
double correction(double seen_s, double guessed_s);

}  // namespace spyre::plan
