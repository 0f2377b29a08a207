// SPDX-License-Identifier: Apache-2.0
// torch-spyre's configurations of upstream tests (its tests/configs/*.yaml): which tests count, and in which mode. What
// they say of operators and dtypes (`edits`, `global`) is for torch-spyre's own plugin, which reads the same files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

// The files among these, and of directories those named *.yaml or *.yml, in byte order. Error: not_found, io.
Result<std::vector<std::filesystem::path>> expand_oot_paths(const std::vector<std::filesystem::path>& paths);

class OotConfig {
 public:
  // A name of a test as a configuration writes it: "TestViewOps::test_chunk_view", "test_chunk_view", a glob, or a
  // regular expression (RE2) over the whole.
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
    std::string unlisted_where;  // empty: not said, and xfail is the default of torch-spyre
    std::vector<Entry> entries;
    std::string where;
  };

  // Of these files and directories, in the order given. Entries of the same path
  // become one: their tests are united, and two different unlisted_test_mode are an error. `torch_root` is what
  // ${TORCH_ROOT} stands for besides the tree itself; empty when it is not known.
  // Error: not_found, io, config (with file:line:column).
  static Result<OotConfig> load(const std::vector<std::filesystem::path>& paths, const std::string& torch_root);
  // One more text. Error: config.
  Result<void> add(std::string_view text, const std::string& origin, const std::string& torch_root);

  const std::vector<File>& files() const { return m_files; }
  // Keys that nobody knows and files that are not PyTorch's, each with its place: no test is lost by them.
  const std::vector<std::string>& warnings() const { return m_warnings; }

 private:
  std::vector<File> m_files;
  std::vector<std::string> m_warnings;

  friend class OotReader;
};

// What a configuration says of the tests of a revision.
struct OotFindings {
  Expectations expectations;             // of every test of the files that it names
  std::vector<std::string> demanded;     // named, and not skipped: in byte order
  std::vector<std::string> not_covered;  // names and paths that are none of the revision, with the nearest
};

// An exact name is stronger than a pattern; of several entries the first decides, and the tags of all are united.
// Error: config, for a pattern that is none.
Result<OotFindings> match(const OotConfig& config, const Inventory& inventory);

}  // namespace spyre::testsel
