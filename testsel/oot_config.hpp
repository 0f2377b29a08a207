// SPDX-License-Identifier: Apache-2.0
// torch-spyre's configurations of upstream tests (its tests/configs/*.yaml): which tests count, and in which mode.
// Their sections on operators and dtypes (`edits`, `global`) are for torch-spyre's own plugin, which reads the same
// files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

// Return the files among these paths and, for directories, their files named *.yaml or *.yml, in byte order. Error:
// not_found, io.
Result<std::vector<std::filesystem::path>> expand_oot_paths(const std::vector<std::filesystem::path>& paths);

class OotConfig {
 public:
  // A name of a test in a configuration: "TestViewOps::test_chunk_view", "test_chunk_view", a glob, or a regular
  // expression (RE2) over the whole name.
  struct Name {
    std::string text;
    std::string where;  // "file:line:column"
  };
  struct Entry {
    std::vector<Name> names;
    Mode mode = Mode::mandatory_success;
    std::vector<std::string> tags;
  };
  struct File {
    std::string path;  // from the tree's root, or a glob: "test/test_view_ops.py", "test/**/*.py"
    Mode unlisted = Mode::xfail;
    std::string unlisted_where;  // empty: not set, and torch-spyre's default is xfail
    std::vector<Entry> entries;
    std::string where;
  };

  // Load these files and directories, in the order given. Entries of the same path are merged: their tests are united,
  // and two different unlisted_test_mode are an error. `torch_root` is a further value of ${TORCH_ROOT}, besides the
  // tree itself; empty if unknown.
  // Error: not_found, io, config (with file:line:column).
  static Result<OotConfig> load(const std::vector<std::filesystem::path>& paths, const std::string& torch_root);
  // Add one more text. Error: config.
  Result<void> add(std::string_view text, const std::string& origin, const std::string& torch_root);

  const std::vector<File>& files() const { return m_files; }
  // Return unknown keys and files that are not PyTorch's, each with its place: they lose no test.
  const std::vector<std::string>& warnings() const { return m_warnings; }

 private:
  std::vector<File> m_files;
  std::vector<std::string> m_warnings;

  friend class OotReader;
};

// The expectations of a configuration for the tests of a revision.
struct OotFindings {
  Expectations expectations;             // of every test in the files that it names
  std::vector<std::string> demanded;     // named, and not skipped: in byte order
  std::vector<std::string> not_covered;  // names and paths that the revision does not have, with the nearest
};

// Match a configuration with an inventory. An exact name is stronger than a pattern; of several entries the first
// decides, and the tags of all are united.
// Error: config (an invalid pattern).
Result<OotFindings> match(const OotConfig& config, const Inventory& inventory);

}  // namespace spyre::testsel
