// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/changing.hpp"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/git/changes.hpp"

namespace spyre::cli {
namespace {

Result<FoundChange> between_commits(const std::string& base, const job::SourceRequest& from, const job::Source& source,
                                    const Config& config) {
  TRY(git::Mirror mirror, job::open_mirror(from.repo, config));
  FoundChange found;
  TRY(found.base, mirror.resolve(base, job::revision_names(config)));
  TRY(found.before, mirror.tree(found.base));
  found.change.before = found.before.get();
  TRY(found.objects, mirror.objects());
  TRY(const std::vector<git::FileChange> changes, git::changes(*found.objects, found.base, source.revision()));
  for (const git::FileChange& one : changes) found.change.files.push_back({one.path, one.old_path});
  if (!changes.empty()) return found;
  return fail(ErrorKind::nothing_selected, fmt::format("no changes between {} and {}", found.base, source.revision()));
}

// In the tree's notation.
Result<std::string> path_of(const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(text).lexically_normal();
  if (text.empty() || path.is_absolute() || path == "." || *path.begin() == "..") {
    return fail(ErrorKind::usage, fmt::format("--changed '{}' is not a path of the source", text),
                "give it relative to the root of the source: torch/nn/modules/pooling.py");
  }
  return path.string();
}

Result<FoundChange> named(const std::vector<std::string>& changed, const job::Source& source) {
  std::set<std::string> paths;
  for (const std::string& text : changed) {
    TRY(std::string path, path_of(text));
    paths.insert(std::move(path));
  }
  FoundChange found;
  for (const std::string& path : paths) {
    if (const auto file = source.tree().read(path); !file && file.error().kind == ErrorKind::not_found) {
      log::warning(fmt::format("--changed {}: not in the source; treated as deleted", path));
    }
    found.change.files.push_back({path, {}});
  }
  return found;
}

}  // namespace

void add_changing_options(Command command, ChangingOptions& options) {
  command.add_option("--base", options.base, "base of the change: a commit, tag or branch").type_name("REV");
  command.add_option("--changed", options.changed, "changed files, instead of --base").type_name("PATH");
}

Result<FoundChange> find_change(const ChangingOptions& options, const job::SourceRequest& from,
                                const job::Source& source, const Config& config) {
  if (options.base.empty() == options.changed.empty()) {
    return fail(ErrorKind::usage, "what was changed? give either --base or --changed",
                "--base REV --rev REV for two commits, or --changed torch/nn/modules/pooling.py");
  }
  if (!options.base.empty() && source.revision().empty()) {
    return fail(ErrorKind::usage, "--base needs two commits, but --source is not a commit",
                "give --repo and --rev, or the files with --changed");
  }
  return options.changed.empty() ? between_commits(options.base, from, source, config) : named(options.changed, source);
}

}  // namespace spyre::cli
