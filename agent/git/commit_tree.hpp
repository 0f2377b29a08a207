// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {

// The files of a commit that is not checked out. Symbolic links and submodules are left out.
class CommitTree final : public FileTree {
 public:
  // `commit` is a commit in `objects`.
  CommitTree(std::shared_ptr<const Objects> objects, std::string commit)
      : m_objects(std::move(objects)), m_commit(std::move(commit)) {}

  std::string revision() const override { return m_commit; }
  Result<std::vector<std::string>> list(std::string_view directory) const override;
  Result<std::string> read(std::string_view path) const override;

 private:
  std::shared_ptr<const Objects> m_objects;
  std::string m_commit;
};

}  // namespace spyre::git
