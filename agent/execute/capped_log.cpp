// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/capped_log.hpp"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "agent/core/secrets.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;

fs::path CappedLog::file(std::string_view suffix) const {
  return m_path.string().append(suffix);
}

Result<CappedLog> CappedLog::open(fs::path path, std::uint64_t limit) {
  CappedLog log(std::move(path), limit);
  // Create only this directory: missing parents were removed on purpose.
  std::error_code error;
  fs::create_directory(log.m_path.parent_path(), error);
  const fs::path head = log.file(".log");
  log.m_fd = UniqueFd(::open(head.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log.m_fd) return tl::make_unexpected(errno_error("open", head));
  log.m_written = static_cast<std::uint64_t>(std::max<off_t>(::lseek(log.m_fd.get(), 0, SEEK_END), 0));
  return log;
}

void CappedLog::start_tail() {
  std::error_code ignored;
  if (m_in_tail) fs::rename(file(".tail.log"), file(".tail.1.log"), ignored);
  m_fd = UniqueFd(::open(file(".tail.log").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  m_in_tail = true;
  m_written = 0;
}

void CappedLog::write(std::string_view bytes) {
  const std::string text = hide_secrets(bytes);
  std::string_view rest = text;
  while (!rest.empty()) {
    if (m_written >= m_limit) start_tail();
    const auto room = std::min<std::uint64_t>(rest.size(), m_limit - m_written);
    const ssize_t written = ::write(m_fd.get(), rest.data(), room);
    if (written <= 0) return;
    m_written += static_cast<std::uint64_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace spyre::execute
