// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/config.hpp"

namespace spyre::job {

// The configuration of a job, and its origin.
struct Setup {
  Config config;
  std::string config_file;            // as given; empty: found automatically, or none
  std::vector<std::string> settings;  // as given: key=value
  std::filesystem::path directory;    // the caller's current directory: relative paths refer to it
};

}  // namespace spyre::job
