// SPDX-License-Identifier: Apache-2.0
#include "agent/job/source.hpp"

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/job/directories.hpp"

namespace spyre::job {
namespace fs = std::filesystem;
namespace {

constexpr int most_workspaces = 16;

// Lock the first free workspace: parallel runs get one each, a single run always gets the same one.
Result<git::Workspace> free_workspace(const git::Mirror& mirror, const std::string& sha) {
  TRY(const fs::path cache, cache_directory());
  const fs::path name = mirror.directory().filename();
  for (int i = 0;; ++i) {
    auto workspace = git::Workspace::checkout(mirror, sha, cache / "workspaces" / name / std::to_string(i));
    if (workspace || workspace.error().kind != ErrorKind::busy || i + 1 == most_workspaces) return workspace;
  }
}

}  // namespace

git::RevisionNames revision_names(const Config& config) {
  return {config.pytorch.pinned, config.pytorch.main};
}

Result<git::Mirror> open_mirror(const std::string& repo, const Config& config) {
  git::MirrorOptions options;
  options.repo = repo.empty() ? config.pytorch.repo : repo;
  options.directory = config.pytorch.mirror;
  if (options.directory.empty()) {
    TRY(const fs::path cache, cache_directory());
    options.directory = git::mirror_directory(cache / "mirrors", options.repo);
  }
  options.progress = [](std::string_view line) { log::info(line); };
  return git::Mirror::open(std::move(options));
}

Result<Source> Source::open(const SourceRequest& options, const Config& config) {
  if (!options.source.empty() && (!options.repo.empty() || !options.rev.empty())) {
    return fail(ErrorKind::usage, "--source cannot be combined with --repo and --rev", "give one of them");
  }
  if (options.source.empty() && options.repo.empty() && options.rev.empty()) {
    return fail(ErrorKind::usage, "which PyTorch? neither --source nor --rev is given",
                "--source DIR for a checkout, or --rev REV (with --repo, if it is not the configured one)");
  }
  Source source;
  if (!options.source.empty()) {
    std::error_code error;
    if (!fs::is_directory(options.source, error)) {
      return fail(ErrorKind::not_found, fmt::format("--source {}: there is no such directory", options.source));
    }
    source.m_directory = fs::absolute(options.source, error).lexically_normal();
    source.m_tree = std::make_unique<DirectoryTree>(source.m_directory);
    return source;
  }
  TRY(source.m_mirror, open_mirror(options.repo, config));
  const std::string rev = options.rev.empty() ? "pinned" : options.rev;
  TRY(source.m_revision, source.m_mirror->resolve(rev, revision_names(config)));
  TRY(source.m_tree, source.m_mirror->tree(source.m_revision));
  return source;
}

Result<fs::path> Source::directory() {
  if (m_directory.empty()) {
    TRY(m_workspace, free_workspace(*m_mirror, m_revision));
    m_directory = m_workspace->directory();
  }
  return m_directory;
}

}  // namespace spyre::job
