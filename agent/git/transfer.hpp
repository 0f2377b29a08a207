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

// Fetches objects of a remote repository into a local bare one. No other process may write there meanwhile.
class Transfer {
 public:
  virtual ~Transfer() = default;
  // Fetch the commit of a ref ("refs/…", "HEAD") or of 40 digits, with all its files, and keep it as the ref `kept_as`.
  // With `from_scratch`, existing objects are not relied upon.
  // Error: not_found (the remote has none), invalid (not a repository), infra, io, interrupted.
  virtual Result<void> fetch(const std::filesystem::path& repository, const std::string& ref,
                             const std::string& kept_as, bool from_scratch) = 0;
  // Fetch all commits of all branches and tags; with their files only if the transfer cannot leave them out. Error: as
  // above.
  virtual Result<void> fetch_history(const std::filesystem::path& repository) = 0;
  // Return the existing branches and tags, without "refs/heads/" and "refs/tags/". Error: as above.
  virtual Result<std::vector<std::string>> names() = 0;
};

// Create a transfer through the git program.
std::unique_ptr<Transfer> git_transfer(GitProgram program, Address address, Progress progress);
// Create a transfer through libgit2: slower, and always with the complete history.
std::unique_ptr<Transfer> libgit2_transfer(Address address, Progress progress);

// Return "main" for both "refs/heads/main" and "refs/tags/main"; nothing for other refs.
std::string_view short_name(std::string_view ref);

}  // namespace spyre::git
