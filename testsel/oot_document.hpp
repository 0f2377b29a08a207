// SPDX-License-Identifier: Apache-2.0
// Merges several configurations of torch-spyre into the one that its plugin reads (PYTORCH_TEST_CONFIG).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::testsel {

// Merge these files and directories into one document, as YAML that is also JSON: entries of the same path are
// combined, lists united, and two different values of one key are an error. Keys that this program does not know are
// kept. Error: not_found, io, config (with both places).
Result<std::string> merged_oot_document(const std::vector<std::filesystem::path>& paths);

}  // namespace spyre::testsel
