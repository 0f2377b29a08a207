// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::git {

// The meaning of "pinned" and "main".
struct RevisionNames {
  std::string pinned{};
  std::string main = "main";
};

// The possible meanings of a revision, before any repository was asked.
struct Revision {
  struct Ref {
    std::string name;    // full: "refs/tags/v1.13.1"
    bool moves = false;  // may mean another commit later
  };
  std::string shown;      // for messages: "main", "pinned (v1.13.1)"
  std::string name;       // without prefixes, for comparison with existing names: "v1.13.1"
  std::vector<Ref> refs;  // in order of precedence
  std::string sha;        // the digits, lower-case, if it can be a commit's SHA or the beginning of one

  bool is_full_sha() const { return sha.size() == 40; }
};

// Parse a revision. Error: usage (not a valid revision), config (nothing is pinned).
Result<Revision> parse_revision(const std::string& text, const RevisionNames& names);

// Return whether the text is 40 digits, lower-case.
bool is_full_sha(const std::string& text);

}  // namespace spyre::git
