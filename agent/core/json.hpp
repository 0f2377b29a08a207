// SPDX-License-Identifier: Apache-2.0
// JSON documents of this program, and the checks at their door. nlohmann/json throws: these functions do not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre {

// How many brackets and braces are open at once, at most, in any text, valid or not.
std::size_t deepest_nesting(std::string_view text);
// What functions of nlohmann/json that recurse (copy, dump) are let near: deeper texts overflow the stack there.
inline constexpr std::size_t deepest_json = 200;

// `origin` names the text in errors. Error: invalid (also nested deeper than deepest_json), "<origin>:<line>:<column>:
// …".
Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin);
// The same without a word about what is wrong: then the value is_discarded().
nlohmann::json parse_json_or_discard(std::string_view text);
// The text of a member; empty when there is none, or it is no text.
std::string string_member(const nlohmann::json& object, const char* name);
// One line. Invalid UTF-8 becomes U+FFFD.
std::string dump_json(const nlohmann::json& document);
// Indented by two, with a final newline: for documents that people open.
std::string dump_json_pretty(const nlohmann::json& document);

// "spyre-ci/<name>@1".
std::string schema_id(std::string_view name);
// A document of ours from a file: checks that its "schema" is the expected one, and names what it is otherwise.
// Error: not_found, io, invalid.
Result<nlohmann::json> read_document(const std::filesystem::path& path, std::string_view name);

}  // namespace spyre
