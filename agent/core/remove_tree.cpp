// SPDX-License-Identifier: Apache-2.0
#include "agent/core/remove_tree.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/files.hpp"

namespace spyre {

namespace {

constexpr int open_flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// Return a directory within `parent`, with access for its owner; nothing for a link or anything else.
UniqueFd open_directory(int parent, const std::string& name) {
  const UniqueFd handle(::openat(parent, name.c_str(), O_PATH | open_flags));
  struct stat info {};
  if (!handle || ::fstat(handle.get(), &info) != 0) return {};
  if ((info.st_mode & S_IRWXU) != S_IRWXU) {
    // fchmod() does not work on a descriptor that was opened with O_PATH.
    ::chmod(fmt::format("/proc/self/fd/{}", handle.get()).c_str(), (info.st_mode & 07777) | S_IRWXU);
  }
  return UniqueFd(::openat(handle.get(), ".", O_RDONLY | open_flags));
}

bool is_mounted(const UniqueFd& directory) {
  struct stat here {};
  struct stat above {};
  return ::fstat(directory.get(), &here) != 0 || ::fstatat(directory.get(), "..", &above, 0) != 0 ||
         here.st_dev != above.st_dev;
}

std::vector<std::string> names_in(const UniqueFd& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(::openat(directory.get(), ".", O_RDONLY | open_flags)),
                                                   ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

// Subdirectories are moved to the top and emptied there one by one. A mounted file system cannot be moved.
class Emptier {
 public:
  explicit Emptier(const UniqueFd& top) : m_top(top) {}

  void empty() {
    take_all(m_top);
    while (!m_moved.empty()) {
      const std::string name = std::move(m_moved.back());
      m_moved.pop_back();
      if (const UniqueFd inner = open_directory(m_top.get(), name)) take_all(inner);
      ::unlinkat(m_top.get(), name.c_str(), AT_REMOVEDIR);
    }
  }

 private:
  void take_all(const UniqueFd& directory) {
    for (const std::string& name : names_in(directory)) {
      if (::unlinkat(directory.get(), name.c_str(), 0) != 0 && errno == EISDIR) move_to_top(directory, name);
    }
  }

  void move_to_top(const UniqueFd& directory, const std::string& name) {
    if (!open_directory(directory.get(), name)) return;  // rename() needs write permission on it
    std::string moved = fmt::format(".removed-{}-{}", ::getpid(), m_number++);
    if (::renameat(directory.get(), name.c_str(), m_top.get(), moved.c_str()) == 0) {
      m_moved.push_back(std::move(moved));
    }
  }

  const UniqueFd& m_top;
  std::vector<std::string> m_moved;
  int m_number = 0;  // of the next one
};

}  // namespace

bool remove_tree(const std::filesystem::path& directory) {
  if (::unlink(directory.c_str()) == 0 || errno == ENOENT) return true;
  const UniqueFd top = open_directory(AT_FDCWD, directory.string());
  if (top && !is_mounted(top)) Emptier(top).empty();
  return ::rmdir(directory.c_str()) == 0;
}

}  // namespace spyre
