// SPDX-License-Identifier: Apache-2.0
#include "agent/git/clean.hpp"

#include <string>
#include <system_error>
#include <unordered_map>

#include <fmt/format.h>
#include <sys/stat.h>

#include "agent/core/files.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

// Tests remove permissions, and the agent may not be root.
void open_up(const fs::path& directory, const fs::file_status& status) {
  if ((status.permissions() & fs::perms::owner_all) == fs::perms::owner_all) return;
  std::error_code ignored;  // the operations that follow fail with the reason
  fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add, ignored);
}

void open_up_all(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  if (!fs::is_directory(status)) return;
  open_up(path, status);
  for (fs::directory_iterator it(path, ignored), end; !ignored && it != end; it.increment(ignored))
    open_up_all(it->path());
}

Result<void> remove_whatever(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return {};
  open_up_all(path);
  fs::remove_all(path, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot remove {}: {}", path.string(), error.message()));
  return {};
}

class Cleaner {
 public:
  Cleaner(const fs::path& root, const std::vector<TreeEntry>& wanted, const CheckoutRecord& record,
          std::string_view kept)
      : m_root(root), m_wanted(wanted), m_record(record), m_kept(kept), m_right(wanted.size(), false) {
    m_places.reserve(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) m_places.emplace(wanted[i].path, i);
  }

  // `prefix` is the directory's path with a '/' at its end, or empty for the root.
  Result<void> clean(const std::string& prefix) {
    TRY(const std::vector<std::string> names, names_in(m_root / prefix));
    for (const std::string& name : names) {
      if (prefix.empty() && name == m_kept) continue;
      CHECK_OK(clean_one(prefix + name));
    }
    return {};
  }

  std::vector<bool> right() && { return std::move(m_right); }

 private:
  // List all entries first, because the directory is about to change.
  static Result<std::vector<std::string>> names_in(const fs::path& directory) {
    std::error_code error;
    open_up(directory, fs::symlink_status(directory, error));
    std::vector<std::string> names;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    if (error) return fail(ErrorKind::io, fmt::format("cannot list {}: {}", directory.string(), error.message()));
    return names;
  }

  Result<void> clean_one(const std::string& path) {
    const fs::path full = m_root / path;
    const auto place = m_places.find(path);
    struct stat info {};
    if (place == m_places.end() || ::lstat(full.c_str(), &info) != 0) return remove_whatever(full);
    const TreeEntry& entry = m_wanted[place->second];
    const bool is_directory = entry.kind == TreeEntry::Kind::directory || entry.kind == TreeEntry::Kind::submodule;
    const bool right = is_directory ? S_ISDIR(info.st_mode) : is_untouched(entry, info);
    if (!right) return remove_whatever(full);
    m_right[place->second] = true;
    return is_directory ? clean(path + '/') : Result<void>{};
  }

  bool is_untouched(const TreeEntry& entry, const struct stat& info) const {
    const CheckedOutFile* file = m_record.find(entry.path);
    return file != nullptr && file->id == entry.id && file->kind == entry.kind && file->stamp == stamp_of(info);
  }

  const fs::path& m_root;
  const std::vector<TreeEntry>& m_wanted;
  const CheckoutRecord& m_record;
  std::string_view m_kept;
  std::vector<bool> m_right;
  std::unordered_map<std::string_view, std::size_t> m_places;  // in m_wanted
};

}  // namespace

Result<std::vector<bool>> clean(const fs::path& directory, const std::vector<TreeEntry>& wanted,
                                const CheckoutRecord& record, std::string_view kept) {
  Cleaner cleaner(directory, wanted, record, kept);
  CHECK_OK(cleaner.clean({}));
  return std::move(cleaner).right();
}

}  // namespace spyre::git
