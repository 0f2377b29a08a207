// SPDX-License-Identifier: Apache-2.0
// Profiles (pipelines/profiles.yaml): what tests on a kind of card find in their environment.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace spyre::cards {

using Variables = std::map<std::string, std::string>;

// What a test file finds in its environment besides.
struct FileVariables {
  std::string files;  // a pattern over paths: "test/distributed/test_distributed_spawn.py"
  Variables variables;
};

// Where tests run that take no device, on a device for which test classes are made.
enum class PlainTests {
  configured,  // on it those that an out-of-tree configuration names, the others on the host
  device,      // all on it
  host,        // all on the host
};
std::string_view name(PlainTests where);

struct Profile {
  Variables variables;
  std::optional<Isolation> isolation;  // instead of `auto`
  std::optional<PlainTests> inject;    // test classes are made for the device; nothing: only those that PyTorch makes
  // That a card's driver needs of those that workers lose: CAP_SYS_ADMIN and the like.
  std::vector<std::string> capabilities;
  std::vector<FileVariables> files;  // in the order of the text; their ${NAME} is for the worker to expand
};

// The entries of one profile, with their ${NAME} as they are written. `origin` names the text in errors. Error: config,
// with line and column; an unknown name gets the nearest one as a suggestion.
Result<Profile> read_profile(std::string_view text, const std::string& origin, const std::string& name);

// What the entries that match say of a file; later entries win.
Variables variables_of(const std::vector<FileVariables>& entries, std::string_view file);

struct Expanded {
  Variables variables;
  std::vector<std::string> left_out;  // "A: B is not set", an entry each
};
// Puts the values of `known` in place of ${NAME}. Pure.
Expanded expand(const Variables& profile, const Variables& known);

}  // namespace spyre::cards
