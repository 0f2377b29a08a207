// SPDX-License-Identifier: Apache-2.0
// JSON objects as text: what stands in a member is taken and handed on byte for byte, whatever is in it. Reading a
// value and writing it again would change big integers, escapes and names that occur twice.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::relay {

struct RawMember {
  std::string name;        // escapes resolved
  std::string_view value;  // as written, without the white space around it
};

struct JsonLimits {
  std::size_t bytes = std::size_t{4} << 20;
  std::size_t depth = 100;  // of nested objects and lists
};

// The members of a JSON object, in their order. `origin` names the text in errors. A byte order mark is overlooked.
// Error: invalid (too large, nested too deep, not JSON, not an object, a name that occurs twice).
Result<std::vector<RawMember>> split_object(std::string_view text, std::string_view origin,
                                            const JsonLimits& limits = {});

// Nothing when there is no such member.
const RawMember* find_member(const std::vector<RawMember>& members, std::string_view name);

// The object, which must be valid, with one more member at its end. `value` is JSON.
std::string with_member(std::string_view object, std::string_view name, std::string_view value);

}  // namespace spyre::relay
