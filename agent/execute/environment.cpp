// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/environment.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

// As parts of names between underscores: SSH_AUTH_SOCK is one, AUTHOR is none.
constexpr std::array secret_words{"TOKEN",       "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL",
                                  "CREDENTIALS", "APIKEY", "AUTH",    "COOKIE",   "PAT",    "PRIVATE"};
constexpr std::array secret_patterns{"JENKINS_*", "HUDSON_*",   "ACTIONS_*",     "*_KEY",       "*_KEY_ID", "*_PASS",
                                     "AWS_*",     "KUBECONFIG", "DOCKER_CONFIG", "GIT_ASKPASS", "NETRC"};

}  // namespace

bool is_secret(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  const auto words = split(upper, '_');
  const auto is_word = [&](std::string_view secret) {
    return std::find(words.begin(), words.end(), secret) != words.end();
  };
  return std::any_of(secret_words.begin(), secret_words.end(), is_word) ||
         std::any_of(secret_patterns.begin(), secret_patterns.end(),
                     [&](std::string_view pattern) { return glob_match(pattern, upper); });
}

WorkerEnvironment worker_environment(const Config::Execute& execute, const Config::Python& python,
                                     const Environment& agent, const Environment& cards, const WorkerPlaces& places) {
  WorkerEnvironment result;
  for (const std::string& name : execute.environment_pass) {
    const auto found = agent.find(name);
    if (found == agent.end()) continue;
    if (is_secret(name)) {
      result.withheld.push_back(name);
    } else {
      result.variables.insert(*found);
    }
  }
  // The order of sets is in the ids of some cases, and all workers have to collect the same.
  result.variables.emplace("PYTHONHASHSEED", "0");
  // pip's user folder hangs on HOME, which is another for tests.
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
  // It comes from a file when a run is resumed, and becomes a path.
  for (const char letter : run_id) name += std::isalnum(static_cast<unsigned char>(letter)) != 0 ? letter : '-';
  return name;
}

std::string run_mark_entry(std::string_view run_id) {
  return fmt::format("{}={}/", worker_mark_name, run_id);
}

}  // namespace spyre::execute
