// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/scratch.hpp"

#include <cstdlib>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"

namespace spyre::cli {

std::string scratch_of_build(const std::map<std::string, std::string>& environment) {
  // A socket name has at most 107 bytes, and multiprocessing takes up to 50 of them.
  constexpr std::size_t longest = 56;
  if (environment.contains("TMPDIR")) return {};
  const auto found = environment.find("WORKSPACE_TMP");
  if (found == environment.end() || !found->second.starts_with('/') || found->second.size() > longest) return {};
  return found->second;
}

void use_scratch_of_build() {
  const std::string directory = scratch_of_build(cards::Machine::here().environment);
  if (!directory.empty() && make_directories(directory)) ::setenv("TMPDIR", directory.c_str(), 1);
}

}  // namespace spyre::cli
