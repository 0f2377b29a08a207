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

// A source of commits: a local repository, or a mirror of another one.
class Source {
 public:
  virtual ~Source() = default;
  // Return the commit, with all its files, that a revision means. Error: as Mirror::resolve.
  virtual Result<std::string> resolve(const Revision& revision) = 0;
  // Return the objects from which a commit is read. Error: not_found, io.
  virtual Result<std::shared_ptr<const Objects>> objects() const = 0;
};

// Create a source that reads the repository in place and writes nothing. Error: not_found, invalid.
Result<std::unique_ptr<Source>> local_source(const Address& address);

// Create a mirror in `directory`. Error: invalid (the directory has another use), busy, io.
Result<std::unique_ptr<Source>> mirrored_source(const Address& address, const std::filesystem::path& directory,
                                                bool use_git_program, std::function<void(std::string_view)> progress);

// Errors that both sources report in the same way.
tl::unexpected<Error> unknown_revision(const Revision& revision, const std::string& repository,
                                       const std::vector<std::string>& names);
// Return the only commit among those found. Error: not_found (none), invalid (ambiguous).
Result<std::string> only_one(const std::vector<std::string>& commits, const Revision& revision);

}  // namespace spyre::git
