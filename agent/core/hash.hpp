// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spyre {

// Return a hash that is the same on every machine and in every version: XXH3, 64 bits. Not for secrets.
std::uint64_t stable_hash(std::string_view text);
// Return 16 lower-case hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace spyre
