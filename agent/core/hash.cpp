// SPDX-License-Identifier: Apache-2.0
#include "agent/core/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace spyre {

std::uint64_t stable_hash(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

std::string hex(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

}  // namespace spyre
