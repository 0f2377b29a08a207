// SPDX-License-Identifier: Apache-2.0
// Compares two sources for one slice: the worker's events, and the JUnit file that pytest wrote.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/execute/action.hpp"
#include "agent/junit/junit.hpp"

namespace spyre::execute {

// Return the differences between the file and the events, one line each. Pure. A case has the same result if both say
// that it passed, was skipped (pytest's file counts an expected failure as one), or failed; failure and error count as
// equal.
std::vector<std::string> compare_junit(const junit::Cases& file,
                                       const std::vector<std::pair<std::string, results::Outcome>>& events);

// Read the file, compare, and remove it. A missing or damaged file is reported only if the slice finished.
std::vector<std::string> check_junit(const CheckJunit& check);

}  // namespace spyre::execute
