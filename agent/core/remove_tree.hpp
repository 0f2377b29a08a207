// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace spyre {

// Remove a directory and everything in it, as far as possible; if the path is a link or a file, remove that. For
// directories that tests can write to: follows no link, enters no mounted file system, and opens directories whose mode
// denies access. Neither the stack nor the number of descriptors depends on the depth of the tree. Return whether
// nothing is left.
bool remove_tree(const std::filesystem::path& directory);

}  // namespace spyre
