// SPDX-License-Identifier: Apache-2.0
// JSON documents of this program, and the checks at their door. nlohmann/json throws: these functions do not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre {

// `origin` names the text in errors. Error: invalid, "<origin>:<line>:<column>: …".
Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin);
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
