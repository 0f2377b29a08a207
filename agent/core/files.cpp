// SPDX-License-Identifier: Apache-2.0
#include "agent/core/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/remove_tree.hpp"

namespace spyre {
namespace fs = std::filesystem;
namespace {

// Make a rename durable: the directory's own entry has to reach the disk too.
void sync_directory(const fs::path& directory) {
  const UniqueFd fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
}

Result<UniqueFd> lock_file(const fs::path& path, int operation) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return tl::make_unexpected(errno_error("open", path));
  while (::flock(fd.get(), operation) != 0) {
    if (errno != EINTR) return tl::make_unexpected(errno_error("lock", path));
  }
  const std::string owner = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) == 0) CHECK_OK(write_all(fd.get(), owner, path));
  return fd;
}

}  // namespace

Result<void> write_all(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return tl::make_unexpected(errno_error("write", path));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void UniqueFd::reset() {
  if (m_fd >= 0) ::close(std::exchange(m_fd, -1));
}

Error errno_error(std::string_view what, const fs::path& path) {
  const int code = errno;
  ErrorKind kind = ErrorKind::io;
  std::string hint;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::not_found;
  if (code == EWOULDBLOCK) kind = ErrorKind::busy;
  if (code == ENOSPC || code == EDQUOT) hint = "free some space, or choose another directory";
  if (code == EACCES || code == EPERM || code == EROFS) hint = "check the owner and the permissions";
  return Error{kind, fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(code)), hint};
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error("read", path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return tl::make_unexpected(errno_error("read", path));
  if (S_ISDIR(info.st_mode))
    return fail(ErrorKind::invalid, fmt::format("{} is a directory, not a file", path.string()));
  const auto too_large = [&] {
    return fail(ErrorKind::invalid, fmt::format("{} is larger than {} bytes", path.string(), limit));
  };
  // Checked before memory is allocated: a sparse file may be larger than the memory.
  if (info.st_size > 0 && static_cast<std::uint64_t>(info.st_size) > limit) return too_large();
  std::string text;
  text.resize(static_cast<std::size_t>(info.st_size) + 1);  // one more: the end shows without growing the buffer
  std::size_t size = 0;
  while (true) {
    if (size > limit) return too_large();
    if (size == text.size()) text.resize(text.size() * 2 + 4096);
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::make_unexpected(errno_error("read", path));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Result<void> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    errno = error.value();
    return tl::make_unexpected(errno_error("create the directory", path));
  }
  return {};
}

namespace {

enum class Durability { on_disk, in_memory };

Result<void> write_and_rename(const fs::path& path, std::string_view text, Durability durability) {
  std::string temporary = fmt::format("{}.XXXXXX", path.string());
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error("create", temporary));
  const auto give_up = [&](Error error) {
    ::unlink(temporary.c_str());
    return tl::make_unexpected(std::move(error));
  };
  if (auto written = write_all(fd.get(), text, path); !written) return give_up(written.error());
  if (::fchmod(fd.get(), 0644) != 0) return give_up(errno_error("write", path));
  if (durability == Durability::on_disk && ::fsync(fd.get()) != 0) return give_up(errno_error("write", path));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(errno_error("write", path));
  if (durability == Durability::on_disk) sync_directory(path.parent_path());
  return {};
}

}  // namespace

Result<void> write_file(const fs::path& path, std::string_view text) {
  if (path.has_parent_path()) CHECK_OK(make_directories(path.parent_path()));
  return write_and_rename(path, text, Durability::on_disk);
}

Result<void> write_output(const fs::path& path, std::string_view text) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status) || fs::is_regular_file(status)) {
    const fs::path behind_links = fs::weakly_canonical(path, error);
    return write_file(error ? path : behind_links, text);
  }
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error("open", path));
  return write_all(fd.get(), text, path);
}

Result<void> replace_file(const fs::path& path, std::string_view text) {
  return write_and_rename(path, text, Durability::in_memory);
}

namespace {

// Return where the last complete line ends. Searches from the end, because a log may be larger than the memory.
Result<off_t> end_of_lines(int fd, off_t size, const fs::path& path) {
  std::array<char, 64 * 1024> block{};
  while (size > 0) {
    const auto length = std::min<std::size_t>(block.size(), static_cast<std::size_t>(size));
    const off_t begin = size - static_cast<off_t>(length);
    const ssize_t got = ::pread(fd, block.data(), length, begin);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return tl::make_unexpected(errno_error("read", path));
    const std::size_t end = std::string_view(block.data(), static_cast<std::size_t>(got)).rfind('\n');
    if (end != std::string_view::npos) return begin + static_cast<off_t>(end) + 1;
    size = begin;
  }
  return 0;
}

}  // namespace

Result<LineLog> LineLog::open(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return tl::make_unexpected(errno_error("open", path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return tl::make_unexpected(errno_error("read", path));
  TRY(const off_t whole, end_of_lines(fd.get(), info.st_size, path));
  if (whole != info.st_size && ::ftruncate(fd.get(), whole) != 0) {
    return tl::make_unexpected(errno_error("repair", path));
  }
  return LineLog(std::move(fd), path);
}

Result<void> LineLog::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  return write_all(m_fd.get(), text, m_path);
}

Result<void> LineLog::sync() {
  if (::fdatasync(m_fd.get()) != 0) return tl::make_unexpected(errno_error("write", m_path));
  return {};
}

Result<FileLock> FileLock::try_take(const fs::path& path) {
  auto locked = lock_file(path, LOCK_EX | LOCK_NB);
  if (!locked && locked.error().kind == ErrorKind::busy) {
    const auto owner = read_file(path, 64);
    const std::string who = owner && !owner->empty() ? owner->substr(0, owner->find('\n')) : "unknown";
    return fail(ErrorKind::busy, fmt::format("{} is locked by process {}", path.string(), who),
                "wait for that process to end, or stop it");
  }
  if (!locked) return tl::make_unexpected(locked.error());
  return FileLock(std::move(*locked));
}

Result<FileLock> FileLock::take(const fs::path& path) {
  TRY(UniqueFd fd, lock_file(path, LOCK_EX));
  return FileLock(std::move(fd));
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix) {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr) return tl::make_unexpected(errno_error("create", name));
  return TemporaryDirectory(name);
}

TemporaryDirectory::~TemporaryDirectory() {
  if (!m_path.empty()) remove_tree(m_path);
}

}  // namespace spyre
