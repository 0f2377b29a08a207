// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/git/checkout_record.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {

// Remove everything from `directory` that differs from `wanted`: foreign files and directories, files that were touched
// since `record`, files of another commit. `kept` is a name in `directory` that stays. Symbolic links are never
// followed. Return which entries of `wanted` are present and unchanged. Error: io.
Result<std::vector<bool>> clean(const std::filesystem::path& directory, const std::vector<TreeEntry>& wanted,
                                const CheckoutRecord& record, std::string_view kept);

}  // namespace spyre::git
