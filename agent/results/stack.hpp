// SPDX-License-Identifier: Apache-2.0
// The stack of a run: what its tests were run with. A value of run.json, known before the first test starts.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

// The torch that is installed. Empty texts: unknown.
struct TorchBuild {
  std::string version;       // torch.__version__: "2.6.0+debian"
  std::string git_revision;  // torch.version.git_version: of the source it was built from, 40 hexadecimal digits

  bool operator==(const TorchBuild&) const = default;
};

// The source tree whose tests are run. Empty texts: unknown.
struct TestedTree {
  std::string revision;  // the commit, 40 hexadecimal digits
  std::string version;   // what its version.txt says: "2.6.0a0"

  bool operator==(const TestedTree&) const = default;
};

struct Stack {
  std::string python, pytest;  // versions
  TorchBuild torch;
  TestedTree tested;

  bool operator==(const Stack&) const = default;
};

// Whether the installed torch is the one whose tests are run. The names are written in documents.
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

// As the member "stack" of a document; the match is written for readers, and never read back.
nlohmann::json to_json(const Stack& stack);
// Error: invalid.
Result<Stack> read_stack(const nlohmann::json& value);

}  // namespace spyre::results
