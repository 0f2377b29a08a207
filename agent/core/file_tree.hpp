// SPDX-License-Identifier: Apache-2.0
// A tree of files in any storage: a directory, or a commit that is not checked out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre {

class FileTree {
 public:
  virtual ~FileTree() = default;
  // Return the commit's 40 hexadecimal digits; empty if the tree is not a commit.
  virtual std::string revision() const = 0;
  // Return all regular files beneath `directory` at any depth, relative to the tree's root, '/'-separated, in byte
  // order. Error: not_found (no such directory), io.
  virtual Result<std::vector<std::string>> list(std::string_view directory) const = 0;
  // Return a file's bytes. Safe to call from several threads. Error: not_found, io.
  virtual Result<std::string> read(std::string_view path) const = 0;
};

class DirectoryTree final : public FileTree {
 public:
  explicit DirectoryTree(std::filesystem::path root) : m_root(std::move(root)) {}
  std::string revision() const override { return {}; }
  Result<std::vector<std::string>> list(std::string_view directory) const override;
  Result<std::string> read(std::string_view path) const override;

 private:
  std::filesystem::path m_root;
};

// A tree that is a value: for tests and for small trees made at run time.
class MemoryTree final : public FileTree {
 public:
  struct File {
    std::string path, text;
  };
  explicit MemoryTree(std::vector<File> files, std::string revision = {});
  std::string revision() const override { return m_revision; }
  Result<std::vector<std::string>> list(std::string_view directory) const override;
  Result<std::string> read(std::string_view path) const override;

 private:
  std::vector<File> m_files;
  std::string m_revision;
};

}  // namespace spyre
