// SPDX-License-Identifier: Apache-2.0
// Splits JSON objects as text: the values are passed on byte for byte. Parsing a value and writing it again would
// change big integers, escapes and duplicate names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::relay {

struct RawMember {
  std::string name;        // with escapes resolved
  std::string_view value;  // as written, without the white space around it
};

struct JsonLimits {
  std::size_t bytes = std::size_t{4} << 20;
  std::size_t depth = 100;  // of nested objects and lists
};

// Split a JSON object into its members, in their order. `origin` names the text in errors. A byte order mark is
// ignored. Error: invalid (too large, nested too deep, not JSON, not an object, a duplicate name).
Result<std::vector<RawMember>> split_object(std::string_view text, std::string_view origin,
                                            const JsonLimits& limits = {});

// Return the member of this name, or nullptr.
const RawMember* find_member(const std::vector<RawMember>& members, std::string_view name);

// Return the object, which must be valid, with one more member at its end. `value` is JSON.
std::string with_member(std::string_view object, std::string_view name, std::string_view value);

}  // namespace spyre::relay
