// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::execute {

// A log that cannot fill the disk. NAME.log keeps the first `limit` bytes; later output goes to NAME.tail.log, which
// keeps between `limit` and twice `limit` of the newest bytes, the older ones in NAME.tail.1.log.
class CappedLog {
 public:
  // Open a log; `path` is without ".log". Appends to an existing log. Error: io.
  static Result<CappedLog> open(std::filesystem::path path, std::uint64_t limit);
  // Write bytes, except secrets that they contain completely. Never fails, because a log error must not end a run:
  // bytes that cannot be written are lost.
  void write(std::string_view bytes);

 private:
  CappedLog(std::filesystem::path path, std::uint64_t limit) : m_path(std::move(path)), m_limit(limit) {}
  std::filesystem::path file(std::string_view suffix) const;
  void start_tail();

  std::filesystem::path m_path;
  std::uint64_t m_limit;
  std::uint64_t m_written = 0;  // to the current file
  bool m_in_tail = false;
  UniqueFd m_fd;
};

}  // namespace spyre::execute
