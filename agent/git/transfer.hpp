// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/git/address.hpp"
#include "agent/git/git_program.hpp"

namespace spyre::git {

using Progress = std::function<void(std::string_view)>;

// Brings objects of a remote repository into a bare one of ours. Nobody else may write there meanwhile.
class Transfer {
 public:
  virtual ~Transfer() = default;
  // The commit of a ref ("refs/…", "HEAD"), or of 40 digits, with all its files; kept as the ref `kept_as`. With
  // `from_scratch` nothing that is there already is relied upon.
  // Error: not_found (the remote has none), invalid (no repository there), infra, io, interrupted.
  virtual Result<void> fetch(const std::filesystem::path& repository, const std::string& ref,
                             const std::string& kept_as, bool from_scratch) = 0;
  // All commits of all branches and tags; their files too only where the transfer cannot leave them out. Error: as
  // above.
  virtual Result<void> fetch_history(const std::filesystem::path& repository) = 0;
  // The branches and tags there are, without "refs/heads/" and "refs/tags/". Error: as above.
  virtual Result<std::vector<std::string>> names() = 0;
};

// Through the git program.
std::unique_ptr<Transfer> git_transfer(GitProgram program, Address address, Progress progress);
// Through libgit2: slower, and always with all the history.
std::unique_ptr<Transfer> libgit2_transfer(Address address, Progress progress);

// "refs/heads/main" and "refs/tags/main" are both "main"; nothing for other refs.
std::string_view short_name(std::string_view ref);

}  // namespace spyre::git
