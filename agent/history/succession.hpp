// SPDX-License-Identifier: Apache-2.0
// What changed from one run to the next.
#pragma once

#include <string>
#include <vector>

#include "agent/history/runs.hpp"

namespace spyre::history {

// Two runs of a stage that followed each other on different revisions.
struct Succession {
  RunInfo before, after;
};
// From runs as the history gives them, newest first. Pure.
std::vector<Succession> successions(const std::vector<RunInfo>& runs);

// How much a change of `then` says about one of `now`, 0 to 1: the share of the files of `now` that are among them.
// Both in byte order. Pure.
double overlap(const std::vector<std::string>& then, const std::vector<std::string>& now);

}  // namespace spyre::history
