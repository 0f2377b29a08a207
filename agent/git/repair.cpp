// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <git2.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/git/libgit2.hpp"
#include "agent/git/repository.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t checksum_size = 20;

Result<void> delete_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot remove {}: {}", path.string(), error.message()));
  return {};
}

// Return the files beneath a directory, without following symbolic links; none if the directory does not exist.
std::vector<fs::path> files_beneath(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_directory(error)) files.push_back(it->path());
  }
  return files;
}

// Return whether a killed process left this file: "shallow.lock", "tmp_pack_…", ".tmp-…-pack-….pack", "tmp_obj_…", and
// libgit2's "…_git2_…".
bool is_left_over(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".lock") || name.starts_with("tmp_") || name.starts_with(".tmp-") ||
         name.find("_git2_") != std::string::npos;
}

// Return `size` bytes that end `before_end` bytes before the end of the file; empty if it is too short.
std::string bytes_from_end(const fs::path& path, std::size_t before_end, std::size_t size) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const off_t end = fd ? ::lseek(fd.get(), 0, SEEK_END) : -1;
  if (end < static_cast<off_t>(before_end + size)) return {};
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(fd.get(), bytes.data(), size, end - static_cast<off_t>(before_end + size));
  return got == static_cast<ssize_t>(size) ? bytes : std::string{};
}

// A pack ends with its checksum. Its index ends with the pack's checksum and its own.
bool is_whole(const fs::path& index) {
  fs::path pack = index;
  pack.replace_extension(".pack");
  const std::string expected = bytes_from_end(index, checksum_size, checksum_size);
  return !expected.empty() && expected == bytes_from_end(pack, 0, checksum_size);
}

Result<void> remove_left_overs(const fs::path& repository) {
  for (const fs::path& file : files_beneath(repository)) {
    if (is_left_over(file)) CHECK_OK(delete_file(file));
  }
  return {};
}

Result<void> remove_broken_packs(const fs::path& repository) {
  const fs::path directory = repository / "objects" / "pack";
  std::set<fs::path> broken;  // without the extension
  for (const fs::path& file : files_beneath(directory)) {
    const fs::path stem = fs::path(file).replace_extension();
    const std::string extension = file.extension().string();
    std::error_code ignored;
    const bool half = extension == ".pack" && !fs::exists(fs::path(stem) += ".idx", ignored);
    if (half || (extension == ".idx" && !is_whole(file))) broken.insert(stem);
  }
  for (const fs::path& stem : broken) {
    CHECK_OK(delete_file(fs::path(stem) += ".idx"));  // first, because without its index a pack is ignored
    for (const fs::path& file : files_beneath(directory)) {
      if (fs::path(file).replace_extension() == stem) CHECK_OK(delete_file(file));
    }
  }
  // An index over several packs may name packs that are gone. It only makes searching faster.
  return broken.empty() ? Result<void>{} : delete_file(directory / "multi-pack-index");
}

// An empty or torn ref file, left by a crash of the machine, stops git altogether.
Result<void> remove_torn_refs(const fs::path& repository) {
  for (const fs::path& file : files_beneath(repository / "refs")) {
    const auto text = read_file(file, 4096);
    if (text && !is_commit_id(trim(*text)) && !text->starts_with("ref: ")) CHECK_OK(delete_file(file));
  }
  return {};
}

bool has_object(git_odb* odb, const git_oid* id) {
  return git_odb_exists(odb, id) == 1;
}

Result<void> remove_dangling_refs(git_repository* repository, git_odb* odb) {
  git_strarray names{};
  CHECK_OK(checked("cannot list the refs of the mirror", git_reference_list(&names, repository)));
  const std::vector<std::string> refs(names.strings, names.strings + names.count);
  git_strarray_dispose(&names);
  for (const std::string& name : refs) {
    git_oid id;
    if (git_reference_name_to_id(&id, repository, name.c_str()) == 0 && has_object(odb, &id)) continue;
    CHECK_OK(checked("cannot remove a ref of the mirror", git_reference_remove(repository, name.c_str())));
  }
  return {};
}

// "shallow" names the commits whose parents were left out on purpose: git refuses to work if one of them is missing.
Result<void> remove_dangling_boundary(const fs::path& repository, git_odb* odb) {
  const fs::path file = repository / "shallow";
  const auto text = read_file(file);
  if (!text) return {};
  std::string kept;
  for (const std::string_view line : split(*text, '\n')) {
    git_oid id;
    const bool good =
        is_commit_id(line) && git_oid_fromstrn(&id, line.data(), line.size()) == 0 && has_object(odb, &id);
    if (good) kept += fmt::format("{}\n", line);
  }
  if (kept == *text) return {};
  return kept.empty() ? delete_file(file) : write_file(file, kept);
}

// A repository that cannot be opened any more is replaced.
Result<void> make_bare_repository(const fs::path& path) {
  const std::string what = fmt::format("cannot make the repository {}", path.string());
  if (make(what, git_repository_open_bare, path.c_str())) return {};
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", what, error.message()));
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKDIR | GIT_REPOSITORY_INIT_MKPATH;
  CHECK_OK(make(what, git_repository_init_ext, path.c_str(), &options));
  return {};
}

}  // namespace

bool packs_are_whole(const fs::path& repository) {
  const std::vector<fs::path> files = files_beneath(repository / "objects" / "pack");
  return std::all_of(files.begin(), files.end(),
                     [](const fs::path& file) { return file.extension() != ".idx" || is_whole(file); });
}

Result<void> make_usable(const fs::path& repository) {
  CHECK_OK(remove_left_overs(repository));
  CHECK_OK(remove_broken_packs(repository));
  CHECK_OK(remove_torn_refs(repository));
  CHECK_OK(make_bare_repository(repository));
  TRY(const Handle<git_repository> opened,
      make("cannot open the mirror", git_repository_open_bare, repository.c_str()));
  TRY(const Handle<git_odb> odb, make("cannot open the mirror", git_repository_odb, opened.get()));
  CHECK_OK(remove_dangling_refs(opened.get(), odb.get()));
  return remove_dangling_boundary(repository, odb.get());
}

}  // namespace spyre::git
