// SPDX-License-Identifier: Apache-2.0
// Two witnesses of one slice: the worker's events, and the JUnit file that pytest wrote.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/execute/action.hpp"
#include "agent/junit/junit.hpp"

namespace spyre::execute {

// In what the file differs from the events, one line each. Pure. A case has the same result when both say it passed,
// was skipped (an expected failure is one to pytest's file), or failed; failure and error are not told apart.
std::vector<std::string> compare_junit(const junit::Cases& file,
                                       const std::vector<std::pair<std::string, results::Outcome>>& events);

// Reads the file, compares, and removes it. A file that is missing or damaged is only worth a word when the slice came
// to its end.
std::vector<std::string> check_junit(const CheckJunit& check);

}  // namespace spyre::execute
