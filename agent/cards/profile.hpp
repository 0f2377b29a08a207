// SPDX-License-Identifier: Apache-2.0
// Profiles (pipelines/profiles.yaml): what tests on a kind of card find in their environment.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::cards {

using Variables = std::map<std::string, std::string>;

// The entries of one profile, with their ${NAME} as they are written. `origin` names the text in errors. Error: config,
// with line and column; an unknown name gets the nearest one as a suggestion.
Result<Variables> read_profile(std::string_view text, const std::string& origin, const std::string& name);

struct Expanded {
  Variables variables;
  std::vector<std::string> left_out;  // "A: B is not set", an entry each
};
// Puts the values of `known` in place of ${NAME}. Pure.
Expanded expand(const Variables& profile, const Variables& known);

}  // namespace spyre::cards
