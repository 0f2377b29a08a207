// SPDX-License-Identifier: Apache-2.0
// RUN_DIR/run.json: what was asked of a run, so that it can be resumed, repeated and understood later. No secrets.
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
  std::string source;                      // the directory that was asked for; empty: a repository
  std::string repository, asked_revision;  // as given; empty: the configured ones
  std::string revision;                    // the commit that it came to; empty for a directory that is none
  std::string stage;                       // empty: a fraction was asked for
  std::optional<double> fraction;
  std::vector<std::string> only;  // patterns
  std::size_t limit = 0;          // 0: none
  std::string budget;             // as given; empty: none
  std::string cards;              // the specification
  std::optional<int> shard;       // the one shard of the plan that this run is
  std::vector<std::string> oot_configs;
  Stack stack;                               // what the tests are run with
  bool strict_stack = false;                 // a stack that does not match the revision, or is unknown, is an error
  std::string directory;                     // where it was started: relative paths are meant from there
  std::string config_file;                   // empty: found by itself, or none
  std::vector<std::string> settings;         // key=value
  std::map<std::string, std::string> build;  // what the CI calls this build: JOB_NAME, BUILD_NUMBER, …
};

// The run document, "spyre-ci/run@1", without secrets (agent/core/secrets.hpp).
nlohmann::json to_json(const RunRequest& request);
// Error: io.
Result<void> write_request(const RunRequest& request, const std::filesystem::path& run_dir);
// Error: not_found, io, invalid.
Result<RunRequest> read_request(const std::filesystem::path& run_dir);

// The variables of `environment` that say which build this is, on Jenkins and on GitHub.
std::map<std::string, std::string> build_identity(const std::map<std::string, std::string>& environment);

// Where that build is seen; empty when it is not known.
std::string build_url(const std::map<std::string, std::string>& build);

// A command that runs these tests again, as the request asked for its own.
std::string rerun_command(const RunRequest& request, const std::vector<std::string>& units);

}  // namespace spyre::results
