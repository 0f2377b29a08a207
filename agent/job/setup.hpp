// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/config.hpp"

namespace spyre::job {

// How a job is carried out: the configuration, and where it came from.
struct Setup {
  Config config;
  std::string config_file;            // as given; empty: found by itself, or none
  std::vector<std::string> settings;  // as given: key=value
  std::filesystem::path directory;    // the caller's current one: relative paths are meant from there
};

}  // namespace spyre::job
