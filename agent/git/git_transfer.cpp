// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/git/git_failure.hpp"
#include "agent/git/revision.hpp"
#include "agent/git/transfer.hpp"

namespace spyre::git {
namespace {

constexpr std::string_view remote = "spyre-ci";  // git would store the URL of a partial fetch that has no name

class GitTransfer final : public Transfer {
 public:
  GitTransfer(GitProgram program, Address address, Progress progress)
      : m_program(std::move(program)), m_address(std::move(address)), m_progress(std::move(progress)) {}

  Result<void> fetch(const std::filesystem::path& repository, const std::string& ref, const std::string& kept_as,
                     bool from_scratch) override {
    // One commit deep: a run needs only its files, and a server packs them quickly.
    std::vector<std::string> options{"--depth=1", "--update-shallow"};
    if (from_scratch) options.emplace_back("--refetch");
    const std::string refspec = fmt::format("+{}:{}", ref, kept_as);
    TRY(const GitProgram::Outcome outcome, run_fetch(repository, options, {refspec}));
    if (outcome.good()) return {};
    if (git::is_full_sha(ref) && refuses_shas(outcome)) return fetch_everything(repository, ref);
    return tl::make_unexpected(git_failure(fmt::format("cannot fetch {}", ref), outcome, m_address));
  }

  Result<void> fetch_history(const std::filesystem::path& repository) override {
    const std::vector<std::string> options{"--filter=tree:0", "--prune"};  // commits only
    return fetch_branches_and_tags(repository, options);
  }

  Result<std::vector<std::string>> names() override {
    std::vector<std::string> arguments = settings();
    arguments.insert(arguments.end(), {"ls-remote", "--heads", "--tags", "--refs", std::string(remote)});
    TRY(const GitProgram::Outcome outcome, m_program.run(arguments, {}));
    if (!outcome.good()) return tl::make_unexpected(git_failure("cannot list the branches", outcome, m_address));
    std::vector<std::string> names;
    for (const std::string_view line : split(outcome.output, '\n')) {
      const std::string_view name = short_name(line.substr(std::min(line.find('\t') + 1, line.size())));
      if (!name.empty()) names.emplace_back(name);
    }
    return names;
  }

 private:
  // These options override the user's configuration.
  std::vector<std::string> settings() const {
    return {"-c", fmt::format("remote.{}.url={}", remote, m_address.location),
            "-c", "core.hooksPath=/dev/null",
            "-c", "gc.auto=0",  // readers hold no lock: what they read is never repacked under them
            "-c", "maintenance.auto=false",
            "-c", "fetch.unpackLimit=1",   // always a pack, which arrives completely or not at all
            "-c", "http.lowSpeedLimit=1",  // ends a connection that is dead for two minutes
            "-c", "http.lowSpeedTime=120"};
  }

  Result<GitProgram::Outcome> run_fetch(const std::filesystem::path& repository,
                                        const std::vector<std::string>& options,
                                        const std::vector<std::string>& refspecs) {
    std::vector<std::string> arguments{"--git-dir=" + repository.string()};
    const std::vector<std::string> fixed = settings();
    arguments.insert(arguments.end(), fixed.begin(), fixed.end());
    arguments.insert(arguments.end(),
                     {"fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"});
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.emplace_back(remote);
    arguments.insert(arguments.end(), refspecs.begin(), refspecs.end());
    const auto on_line = [this](std::string_view line) {
      if (m_progress) m_progress(redact(line, m_address));
    };
    return m_program.run(arguments, on_line);
  }

  Result<void> fetch_branches_and_tags(const std::filesystem::path& repository,
                                       const std::vector<std::string>& options) {
    TRY(const GitProgram::Outcome outcome,
        run_fetch(repository, options, {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}));
    if (outcome.good()) return {};
    return tl::make_unexpected(git_failure("cannot fetch the history", outcome, m_address));
  }

  // Fetches one commit from a server that serves only branches and tags.
  Result<void> fetch_everything(const std::filesystem::path& repository, const std::string& sha) {
    if (m_progress) m_progress(fmt::format("the server does not give out {} alone: fetching all the history", sha));
    std::vector<std::string> options{"--prune"};
    if (std::filesystem::exists(repository / "shallow")) options.emplace_back("--unshallow");
    return fetch_branches_and_tags(repository, options);
  }

  GitProgram m_program;
  Address m_address;
  Progress m_progress;
};

}  // namespace

std::unique_ptr<Transfer> git_transfer(GitProgram program, Address address, Progress progress) {
  return std::make_unique<GitTransfer>(std::move(program), std::move(address), std::move(progress));
}

std::string_view short_name(std::string_view ref) {
  for (const std::string_view kind : {"refs/heads/", "refs/tags/"}) {
    if (ref.starts_with(kind)) return ref.substr(kind.size());
  }
  return {};
}

}  // namespace spyre::git
