// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace spyre::cli {

// The directory for what is temporary, out of the environment: that of a Jenkins build (WORKSPACE_TMP), which goes away
// with its workspace. Empty where TMPDIR says something else, where there is no build, and where the path is so long
// that the sockets that tests make in it would have no name.
std::string scratch_of_build(const std::map<std::string, std::string>& environment);

// Makes that directory, and this program's and its children's TMPDIR of it. Without it, everything is as before.
void use_scratch_of_build();

}  // namespace spyre::cli
