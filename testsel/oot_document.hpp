// SPDX-License-Identifier: Apache-2.0
// Several configurations of torch-spyre as the one that its plugin reads (PYTORCH_TEST_CONFIG).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::testsel {

// One document with everything that these files and directories say, as YAML that is JSON too: entries of the same path
// are combined, lists united, and two different values of one key are an error. Keys that this program does not know
// are kept. Error: not_found, io, config (with both places).
Result<std::string> merged_oot_document(const std::vector<std::filesystem::path>& paths);

}  // namespace spyre::testsel
