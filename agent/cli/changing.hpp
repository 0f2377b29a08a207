// SPDX-License-Identifier: Apache-2.0
// Where `impact` gets a change from: two commits (--base, --rev), or names of files (--changed).
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
  testsel::Change change;  // `before` points to the next
  std::unique_ptr<FileTree> before;
  std::string base;                             // the commit before the change; empty when files were named
  std::shared_ptr<const git::Objects> objects;  // with both commits and what else the mirror has; empty likewise
};

// What leads to `source`, which `from` opened. Error: usage when neither or both are given, or a name that is no path
// of the tree; nothing_selected when the commits do not differ; those of git::Mirror.
Result<FoundChange> find_change(const ChangingOptions& options, const job::SourceRequest& from,
                                const job::Source& source, const Config& config);

}  // namespace spyre::cli
