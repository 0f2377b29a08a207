// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/result.hpp"
#include "agent/git/address.hpp"
#include "agent/git/objects.hpp"
#include "agent/git/revision.hpp"

namespace spyre::git {

// Where commits come from: a repository of this machine, or a mirror of another one.
class Source {
 public:
  virtual ~Source() = default;
  // The commit, with all its files, that a revision means. Error: as Mirror::resolve.
  virtual Result<std::string> resolve(const Revision& revision) = 0;
  // The objects to read a commit from. Error: not_found, io.
  virtual Result<std::shared_ptr<const Objects>> objects() const = 0;
};

// Reads the repository in place and writes nothing. Error: not_found, invalid.
Result<std::unique_ptr<Source>> local_source(const Address& address);

// A mirror in `directory`. Error: invalid (the directory is something else), busy, io.
Result<std::unique_ptr<Source>> mirrored_source(const Address& address, const std::filesystem::path& directory,
                                                bool use_git_program, std::function<void(std::string_view)> progress);

// The errors that both report alike.
tl::unexpected<Error> unknown_revision(const Revision& revision, const std::string& repository,
                                       const std::vector<std::string>& names);
// The only commit of several found ones. Error: not_found (none), invalid (ambiguous).
Result<std::string> only_one(const std::vector<std::string>& commits, const Revision& revision);

}  // namespace spyre::git
