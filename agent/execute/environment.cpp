// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/environment.hpp"

#include <cctype>

#include <fmt/format.h>

#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"

namespace spyre::execute {

WorkerEnvironment worker_environment(const Config::Execute& execute, const Config::Python& python,
                                     const Environment& agent, const Environment& cards, const WorkerPlaces& places) {
  WorkerEnvironment result;
  for (const std::string& name : execute.environment_pass) {
    const auto found = agent.find(name);
    if (found == agent.end()) continue;
    if (is_withheld(name)) {
      result.withheld.push_back(name);
    } else {
      result.variables.insert(*found);
    }
  }
  // The ids of some cases depend on the order of sets, and all workers have to collect the same ids.
  result.variables.emplace("PYTHONHASHSEED", "0");
  // pip's user directory depends on HOME, which is different for tests.
  if (const auto base = agent.find("PYTHONUSERBASE"); base != agent.end()) {
    result.variables.insert(*base);
  } else if (const auto home = agent.find("HOME"); home != agent.end()) {
    result.variables.emplace("PYTHONUSERBASE", home->second + "/.local");
  }
  if (!python.path.empty()) result.variables["PYTHONPATH"] = join(python.path, ":");
  for (const auto& [name, value] : cards) result.variables[name] = value;
  for (const auto& [name, value] : execute.environment_set) result.variables[name] = value;
  result.variables["TMPDIR"] = places.tmp.string();
  result.variables["HOME"] = places.home.string();
  return result;
}

std::string worker_mark(std::string_view run_id, int worker) {
  return fmt::format("{}/{}", run_id, worker);
}

std::string worker_mark_entry(std::string_view run_id, int worker) {
  return fmt::format("{}={}", worker_mark_name, worker_mark(run_id, worker));
}

std::string cgroup_name(std::string_view run_id) {
  std::string name = "spyre-ci-";
  // In a resumed run the id comes from a file, and it becomes part of a path.
  for (const char letter : run_id) name += std::isalnum(static_cast<unsigned char>(letter)) != 0 ? letter : '-';
  return name;
}

std::string run_mark_entry(std::string_view run_id) {
  return fmt::format("{}={}/", worker_mark_name, run_id);
}

}  // namespace spyre::execute
