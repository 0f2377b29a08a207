// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace spyre::cli {

// Return the directory for temporary files from the environment: that of a Jenkins build (WORKSPACE_TMP), which is
// deleted with its workspace. Empty when TMPDIR is set to another value, outside of a build, and when the path is too
// long for the sockets that tests create in it.
std::string scratch_of_build(const std::map<std::string, std::string>& environment);

// Create that directory, and set TMPDIR of this program and its children to it. Does nothing when it cannot be created,
// or is empty.
void use_scratch_of_build();

}  // namespace spyre::cli
