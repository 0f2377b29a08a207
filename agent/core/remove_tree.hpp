// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace spyre {

// Removes a directory and everything in it, as far as possible; a link or file in its place is removed itself. Made for
// directories that tests could write to: follows no link, enters no mounted file system, and opens directories whose
// mode denies access. Neither the stack nor the number of descriptors depends on the depth of the tree.
// Returns whether nothing is left.
bool remove_tree(const std::filesystem::path& directory);

}  // namespace spyre
