// SPDX-License-Identifier: Apache-2.0
// The stack of a run: the software and hardware that its tests run on. It is stored in run.json and known before the
// first test starts. Results are compared only between runs with equal stack keys; the other facts are only shown.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

// The installed torch. Empty: unknown.
struct TorchBuild {
  std::string version;       // torch.__version__: "2.6.0+debian"
  std::string git_revision;  // torch.version.git_version: of the source it was built from, 40 hexadecimal digits

  bool operator==(const TorchBuild&) const = default;
};

// The source tree whose tests are run. Empty: unknown.
struct TestedTree {
  std::string revision;  // the commit, 40 hexadecimal digits
  std::string version;   // from version.txt: "2.6.0a0"

  bool operator==(const TestedTree&) const = default;
};

// A package of the backend, or another preloaded one. Empty: unknown.
struct Package {
  std::string name, version;
  std::string git_revision;  // of the source it was built from, 40 hexadecimal digits

  bool operator==(const Package&) const = default;
};

using VersionsByName = std::map<std::string, std::string>;

// Where the tests run.
struct Host {
  std::string name, kernel;
  std::string architecture;                 // as `uname -m` prints it: "x86_64"
  std::string image;                        // of the container; empty: none, or unknown
  std::string card_kind;                    // "cpu", "spyre"
  std::vector<std::string> card_addresses;  // PCI addresses

  bool operator==(const Host&) const = default;
};

struct Stack {
  std::string python, pytest;  // versions
  TorchBuild torch;
  TestedTree tested;
  std::vector<Package> packages = {};  // sorted by name
  VersionsByName given = {};           // from --stack
  Host host = {};

  bool operator==(const Stack&) const = default;
};

// Return a key that is equal for runs whose results may be compared: "architecture=x86_64 cards=spyre python=3.11
// torch=<commit, else version> …", with the packages and the items of --stack, sorted by name. Items of --stack replace
// detected values. Empty when torch is unknown: such a run is not compared with any other.
std::string stack_key(const Stack& stack);

struct StackChange {
  std::string name, before, after;  // a text is empty where the key does not have this name

  bool operator==(const StackChange&) const = default;
};
// Return the differences between two keys, sorted by name. Empty when one of the keys is empty.
std::vector<StackChange> stack_changes(std::string_view key_before, std::string_view key_after);

// Parse items NAME=VERSION of --stack. Error: usage.
Result<VersionsByName> parse_stack_items(const std::vector<std::string>& items);

// Whether the installed torch is built from the tested revision. The names are written in documents.
enum class TorchMatch {
  same,            // both git revisions are known and equal
  unknown,         // a git revision is unknown, and the versions do not contradict each other
  other_revision,  // both git revisions are known and differ
  other_version,   // major or minor of the versions differ, and a git revision is unknown
};

TorchMatch match_torch(const TorchBuild& torch, const TestedTree& tested);
constexpr bool is_mismatch(TorchMatch match) {
  return match == TorchMatch::other_revision || match == TorchMatch::other_version;
}

// Write the member "stack" of a document. The match is written for readers; it is not read back.
nlohmann::json to_json(const Stack& stack);
// Error: invalid.
Result<Stack> read_stack(const nlohmann::json& value);

}  // namespace spyre::results
