// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::git {

// What "pinned" and "main" mean.
struct RevisionNames {
  std::string pinned{};
  std::string main = "main";
};

// What a revision may stand for, before any repository was asked.
struct Revision {
  struct Ref {
    std::string name;    // full: "refs/tags/v1.13.1"
    bool moves = false;  // may mean another commit tomorrow
  };
  std::string shown;      // for messages: "main", "pinned (v1.13.1)"
  std::string name;       // without prefixes, to compare with names that exist: "v1.13.1"
  std::vector<Ref> refs;  // in order of precedence
  std::string sha;        // the digits, lower-case, when it can be a commit's SHA or the beginning of one

  bool is_full_sha() const { return sha.size() == 40; }
};

// Error: usage (cannot be a revision), config (nothing is pinned).
Result<Revision> parse_revision(const std::string& text, const RevisionNames& names);

// All 40 digits, lower-case.
bool is_full_sha(const std::string& text);

}  // namespace spyre::git
