// SPDX-License-Identifier: Apache-2.0
// Estimates for tests and imports without a known duration, from their source.
#pragma once

#include <algorithm>
#include <cstddef>

#include "testsel/selection.hpp"

namespace spyre::plan {

// Seconds, on one core. Mostly their ratios matter, and these are about the same in every release of PyTorch: known
// durations of other tests (plan/work.hpp) and finished batches (plan/queue.hpp) correct the rest.
struct ColdTimes {
  double test_s = 0.3;         // a test, with its first case
  double case_s = 0.02;        // each further case
  double generator_s = 10;     // a generator of tests that no line of source names: their number is unknown
  double import_s = 0.15;      // a file, in a worker that has imported torch
  double module_s = 0.025;     // each module that the file imports
  double kilobyte_s = 0.0005;  // each kilobyte of the file's source

  // Return the estimate for `tests` tests with `cases` cases together; a test has at least one.
  double of_tests(std::size_t tests, std::size_t cases) const {
    return test_s * static_cast<double>(tests) + case_s * static_cast<double>(std::max(cases, tests) - tests);
  }
  double of_import(const testsel::SourceSize& file) const {
    return import_s + module_s * static_cast<double>(file.imports) +
           kilobyte_s * static_cast<double>(file.bytes) / 1000;
  }
};

// Return the factor by which to correct guesses, from measured and guessed seconds of the same work. Near 1 while
// little was measured.
double correction(double seen_s, double guessed_s);

}  // namespace spyre::plan
