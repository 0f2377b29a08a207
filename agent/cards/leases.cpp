// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/leases.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/text.hpp"

namespace spyre::cards {
namespace fs = std::filesystem;
namespace {

constexpr mode_t directory_mode = 01777, file_mode = 0666;

fs::path file_of(const fs::path& directory, const Card& card) {
  return directory / (card.address.empty() ? fmt::format("cpu-{}", card.index) : card.address);
}

// Never use O_CREAT where the file exists: in a directory with the sticky bit the kernel refuses it for files of other
// users (fs.protected_regular). Read access is enough for a lock.
int open_existing(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  return fd < 0 && errno == EACCES ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : fd;
}

int make(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, file_mode);
  if (fd >= 0) ::fchmod(fd, file_mode);  // independent of the umask
  return fd;
}

Result<UniqueFd> open_lease(const fs::path& path) {
  // Another agent may be creating the file and may not have given others access to it yet.
  constexpr int attempts = 50, pause_ms = 2;
  for (int i = 1;; ++i) {
    int fd = open_existing(path);
    if (fd < 0 && errno == ENOENT) fd = make(path);
    if (fd < 0 && (errno == EEXIST || errno == EACCES) && i < attempts) {
      ::poll(nullptr, 0, pause_ms);
      continue;
    }
    if (fd < 0) return tl::make_unexpected(errno_error("open the lease", path));
    UniqueFd opened(fd);
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return opened;
    return fail(ErrorKind::io, fmt::format("the lease {} is not a file", path.string()), "remove it");
  }
}

// The file's text is for people; any user may have written it.
std::string holder_in(int fd) {
  char text[200];
  const ssize_t size = ::pread(fd, text, sizeof text, 0);
  const std::string_view line = trim(std::string_view(text, size > 0 ? static_cast<std::size_t>(size) : 0));
  return line.empty() ? "another agent" : shorten(valid_utf8(line.substr(0, line.find('\n'))), 120);
}

void write_holder(int fd, const std::string& owner) {
  const std::string text = fmt::format("{} (process {})\n", owner, ::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) < 0) return;  // the lock is what counts
}

std::vector<Card> in_order(std::vector<Card> cards, const fs::path& directory) {
  std::sort(cards.begin(), cards.end(),
            [&](const Card& a, const Card& b) { return file_of(directory, a) < file_of(directory, b); });
  return cards;
}

}  // namespace

Result<void> open_leases_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), directory_mode) == 0) {
    ::chmod(directory.c_str(), directory_mode);
  } else if (errno != EEXIST) {
    return tl::make_unexpected(errno_error("create the directory", directory));
  }
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0) return tl::make_unexpected(errno_error("read", directory));
  if (!S_ISDIR(info.st_mode)) return fail(ErrorKind::io, fmt::format("{} is not a directory", directory.string()));
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return tl::make_unexpected(errno_error("write to", directory));
  return {};
}

Result<HeldCards::Lease> HeldCards::lease(const fs::path& directory, const std::string& owner, const Card& card) {
  const fs::path file = file_of(directory, card);
  TRY(UniqueFd fd, open_lease(file));
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return tl::make_unexpected(errno_error("lock", file));
    return fail(ErrorKind::busy,
                fmt::format("card {} ({}) is in use by {}", card.index, card.address, holder_in(fd.get())),
                "wait until it is done, or use other cards");
  }
  write_holder(fd.get(), owner);
  return Lease{file, std::move(fd)};
}

Result<HeldCards> HeldCards::take(const fs::path& directory, const std::string& owner, std::vector<Card> cards,
                                  bool any) {
  std::vector<Card> taken;
  std::vector<Lease> leases;
  std::optional<Error> busy;
  // Lock in a fixed order, so that one of two agents that want the same cards gets all of them.
  for (const Card& card : in_order(cards, directory)) {
    auto one = lease(directory, owner, card);
    if (one) {
      leases.push_back(std::move(*one));
      taken.push_back(card);
      continue;
    }
    if (!any || one.error().kind != ErrorKind::busy) return tl::make_unexpected(one.error());
    if (!busy) busy = one.error();
  }
  if (taken.empty() && busy) return tl::make_unexpected(*busy);
  // Return the locks in the caller's order.
  std::erase_if(cards, [&](const Card& card) {
    return std::none_of(taken.begin(), taken.end(), [&](const Card& one) { return one.index == card.index; });
  });
  return HeldCards(std::move(cards), std::move(leases));
}

Result<void> HeldCards::keep() const {
  for (const Lease& lease : m_leases) {
    struct stat ours {};
    struct stat there {};
    const bool stands = ::fstat(lease.lock.get(), &ours) == 0 && ::stat(lease.file.c_str(), &there) == 0 &&
                        ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
    if (stands) continue;
    return fail(ErrorKind::busy,
                fmt::format("the lease {} was removed: another agent may use the card", lease.file.string()),
                "exclude that directory from clean-up programs: leases are never removed");
  }
  return {};
}

}  // namespace spyre::cards
