// SPDX-License-Identifier: Apache-2.0
// Changes from one run to the next.
#pragma once

#include <string>
#include <vector>

#include "agent/history/runs.hpp"

namespace spyre::history {

// Two consecutive runs of a stage on different revisions.
struct Succession {
  RunInfo before, after;
};
// Return the successions. `runs`: as the history returns them, newest first. Pure.
std::vector<Succession> successions(const std::vector<RunInfo>& runs);

// Return how similar a change of the files `then` is to a change of the files `now`, 0 to 1: the share of the files of
// `now` that are also in `then`. Both are in byte order. Pure.
double overlap(const std::vector<std::string>& then, const std::vector<std::string>& now);

}  // namespace spyre::history
