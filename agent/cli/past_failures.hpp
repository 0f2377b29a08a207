// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/core/config.hpp"
#include "agent/git/objects.hpp"
#include "agent/history/runs.hpp"

namespace spyre::cli {

// Two runs of a stage that followed each other on different revisions.
struct Succession {
  history::RunInfo before, after;
};
// From runs as the history gives them, newest first. Pure.
std::vector<Succession> successions(const std::vector<history::RunInfo>& runs);

// How much a change of `then` says about one of `now`, 0 to 1: the share of the files of `now` that are among them.
// Both in byte order. Pure.
double overlap(const std::vector<std::string>& then, const std::vector<std::string>& now);

// Test id → how often it began to fail when some of these files were changed, [0, 1], by the runs in the history whose
// commits `objects` has. A history that cannot be read costs a warning.
std::map<std::string, double> past_failures(const std::vector<std::string>& changed, const git::Objects& objects,
                                            const Config& config);

}  // namespace spyre::cli
