// SPDX-License-Identifier: Apache-2.0
// The change for `impact`: two commits (--base, --rev), or file names (--changed).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/cli/options.hpp"
#include "agent/job/source.hpp"
#include "testsel/impact_clues.hpp"

namespace spyre::cli {

struct ChangingOptions {
  std::string base;
  std::vector<std::string> changed;
};

void add_changing_options(Command command, ChangingOptions& options);

struct FoundChange {
  testsel::Change change;  // `before` points to the member below
  std::unique_ptr<FileTree> before;
  std::string base;                             // the commit before the change; empty when files were given
  std::shared_ptr<const git::Objects> objects;  // the mirror, with both commits; empty when files were given
};

// Return the change that leads to `source`, which `from` opened. Error: usage (neither or both are given, or a name is
// not a path of the tree); nothing_selected (the commits do not differ); those of git::Mirror.
Result<FoundChange> find_change(const ChangingOptions& options, const job::SourceRequest& from,
                                const job::Source& source, const Config& config);

}  // namespace spyre::cli
