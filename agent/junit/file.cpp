// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/junit/reader.hpp"

namespace spyre::junit {
namespace {

constexpr std::size_t block_size = 256 << 10;  // the buffer fits into the processor's cache

// Pass the bytes of a file to `take`, `block_size` at a time.
template <class Take>
Result<void> for_each_block(const std::filesystem::path& path, Take take) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return tl::make_unexpected(errno_error("read", path));
  std::string block(block_size, '\0');
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = ::read(file.get(), block.data() + filled, block.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::make_unexpected(errno_error("read", path));
    filled += static_cast<std::size_t>(got);
    if (got > 0 && filled < block.size()) continue;  // a pipe returns less than requested
    take(std::string_view(block).substr(0, filled));
    if (got == 0) return {};
    filled = 0;
  }
}

}  // namespace

Result<FileReading> read_file_cases(const std::filesystem::path& path, const Sink& sink) {
  Reader reader(path.string(), sink);
  std::string digests;  // of the blocks
  const auto take = [&](std::string_view block) {
    reader.feed(block);
    digests += hex(stable_hash(block));
  };
  CHECK_OK(for_each_block(path, take));
  TRY(auto losses, reader.finish());
  return FileReading{std::move(losses), stable_hash(digests)};
}

Result<std::vector<std::string>> for_each_case(const std::filesystem::path& path, const Sink& sink) {
  Reader reader(path.string(), sink);
  CHECK_OK(for_each_block(path, [&](std::string_view block) { reader.feed(block); }));
  return reader.finish();
}

Result<Report> read_report(const std::filesystem::path& path) {
  Report report;
  const Sink keep = [&](const Case& each) { report.cases.add(each); };
  TRY(report.losses, for_each_case(path, keep));
  return report;
}

Result<Report> parse_report(std::string_view text, std::string_view origin) {
  Report report;
  const Sink keep = [&](const Case& each) { report.cases.add(each); };
  Reader reader(origin, keep);
  for (; !text.empty(); text.remove_prefix(std::min(block_size, text.size()))) reader.feed(text.substr(0, block_size));
  TRY(report.losses, reader.finish());
  return report;
}

}  // namespace spyre::junit
