// SPDX-License-Identifier: Apache-2.0
// RUN_DIR/run.json: the request of a run, so that it can be resumed, repeated and understood later. It contains no
// secrets.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/results/stack.hpp"

namespace spyre::results {

struct RunRequest {
  std::string run_id;
  std::string started;                     // RFC 3339
  std::string source;                      // the source directory; empty: a repository
  std::string repository, asked_revision;  // as given; empty: the configured ones
  std::string revision;                    // the resolved commit; empty for a directory that is not a repository
  std::string stage;                       // empty: a fraction was requested
  std::optional<double> fraction;
  std::vector<std::string> only;  // patterns
  std::size_t limit = 0;          // 0: none
  std::string budget;             // as given; empty: none
  std::string cards;              // the specification
  std::optional<int> shard;       // the only shard of the plan that this run executes
  std::vector<std::string> oot_configs;
  Stack stack;                               // the environment of the tests
  bool strict_stack = false;                 // a stack that does not match the revision, or is unknown, is an error
  std::string directory;                     // the directory in which it was started: relative paths refer to it
  std::string config_file;                   // empty: found automatically, or none
  std::vector<std::string> settings;         // key=value
  std::map<std::string, std::string> build;  // the CI's identity of this build: JOB_NAME, BUILD_NUMBER, …
};

// Return the run document, "spyre-ci/run@1", without secrets (agent/core/secrets.hpp).
nlohmann::json to_json(const RunRequest& request);
// Error: io.
Result<void> write_request(const RunRequest& request, const std::filesystem::path& run_dir);
// Error: not_found, io, invalid.
Result<RunRequest> read_request(const std::filesystem::path& run_dir);

// Return the variables of `environment` that identify this build on Jenkins and on GitHub.
std::map<std::string, std::string> build_identity(const std::map<std::string, std::string>& environment);

// Return the web page of that build; empty when it is unknown.
std::string build_url(const std::map<std::string, std::string>& build);

// Return a command that runs these tests again with the options of the request.
std::string rerun_command(const RunRequest& request, const std::vector<std::string>& units);

}  // namespace spyre::results
