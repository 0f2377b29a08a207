// SPDX-License-Identifier: Apache-2.0
// Profiles (pipelines/profiles.yaml): the environment of tests on a kind of card.
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

// Further variables for the tests of some files.
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
  std::optional<PlainTests> inject;    // make test classes for the device; nothing: only those that PyTorch makes
  // Capabilities that a card's driver needs and that workers otherwise lose: CAP_SYS_ADMIN and the like.
  std::vector<std::string> capabilities;
  std::vector<FileVariables> files;  // in the order of the text; the worker expands their ${NAME}
};

// Return the entries of one profile, with ${NAME} not expanded. `origin` names the text in errors. Error: config, with
// line and column; for an unknown name it suggests the nearest one.
Result<Profile> read_profile(std::string_view text, const std::string& origin, const std::string& name);

// Return the variables of the entries that match a file; later entries win.
Variables variables_of(const std::vector<FileVariables>& entries, std::string_view file);

struct Expanded {
  Variables variables;
  std::vector<std::string> left_out;  // "A: B is not set", one line for each entry
};
// Replace ${NAME} with the values of `known`. Pure.
Expanded expand(const Variables& profile, const Variables& known);

}  // namespace spyre::cards
