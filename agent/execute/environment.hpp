// SPDX-License-Identifier: Apache-2.0
// The environment of tests. Tests are foreign code: they get the listed variables, and never a secret.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/config.hpp"

namespace spyre::execute {

using Environment = std::map<std::string, std::string>;

struct WorkerPlaces {
  std::filesystem::path tmp;   // TMPDIR
  std::filesystem::path home;  // HOME
};

struct WorkerEnvironment {
  Environment variables;
  std::vector<std::string> withheld;  // names that the configuration passes on although they hold secrets
};

// Return the variables of execute.environment.pass from the agent's environment, overlaid by `cards`, then by
// execute.environment.set, and the variables that a worker needs: TMPDIR, HOME, PYTHONPATH (python.path). Modules that
// the user installed with `pip install --user` are found although HOME is different. Pure.
WorkerEnvironment worker_environment(const Config::Execute& execute, const Config::Python& python,
                                     const Environment& agent, const Environment& cards, const WorkerPlaces& places);

// A variable that marks the processes of one worker, so that they are found again wherever they hide.
std::string worker_mark(std::string_view run_id, int worker);        // its value
std::string worker_mark_entry(std::string_view run_id, int worker);  // as it stands in /proc/<pid>/environ
// Return the name of a run's control group.
std::string cgroup_name(std::string_view run_id);
std::string run_mark_entry(std::string_view run_id);  // its beginning, common to all workers of a run
inline constexpr std::string_view worker_mark_name = "SPYRE_CI_WORKER";

}  // namespace spyre::execute
