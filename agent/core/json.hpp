// SPDX-License-Identifier: Apache-2.0
// JSON documents of this program and their validation. nlohmann/json throws; these functions do not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre {

// Return the largest number of brackets and braces that are open at once, for any text, valid or not.
std::size_t deepest_nesting(std::string_view text);
// The deepest nesting that may reach the recursive functions of nlohmann/json (copy, dump): deeper texts overflow the
// stack there.
inline constexpr std::size_t deepest_json = 200;

// Parse a text; `origin` names it in errors. Error: invalid (also nested deeper than deepest_json),
// "<origin>:<line>:<column>: …".
Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin);
// Parse a text without an error message: an invalid text gives a value that is_discarded().
nlohmann::json parse_json_or_discard(std::string_view text);
// Return the string in a member; empty if the member is missing or not a string.
std::string string_member(const nlohmann::json& object, const char* name);
// Return the document on one line. Invalid UTF-8 becomes U+FFFD.
std::string dump_json(const nlohmann::json& document);
// Return the document indented by two, with a final newline: for documents that people open.
std::string dump_json_pretty(const nlohmann::json& document);

// Return "spyre-ci/<name>@1".
std::string schema_id(std::string_view name);
// Read a document of ours and check its "schema"; the error names the schema that was found. Error: not_found, io,
// invalid.
Result<nlohmann::json> read_document(const std::filesystem::path& path, std::string_view name);

}  // namespace spyre
