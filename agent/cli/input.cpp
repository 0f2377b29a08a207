// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/input.hpp"

#include <cstdio>

#include "agent/core/files.hpp"

namespace spyre::cli {
namespace {

constexpr std::size_t input_limit = std::size_t{4} << 20;

}  // namespace

Result<std::string> read_input(const std::string& file) {
  if (file != "-") return read_file(file, input_limit);
  std::string text;
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, stdin)) {
    text.append(block, got);
    if (text.size() > input_limit) return fail(ErrorKind::invalid, "standard input: more than 4 MiB");
  }
  if (std::ferror(stdin) != 0) return fail(ErrorKind::io, "standard input cannot be read");
  return text;
}

}  // namespace spyre::cli
