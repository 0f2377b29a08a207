// SPDX-License-Identifier: Apache-2.0
// Typed access to the fields of a JSON object. Every error names the field. Error: invalid.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

Result<std::string> text(const nlohmann::json& object, std::string_view key);
// These return `missing` when the field is absent or null.
Result<std::string> text_or(const nlohmann::json& object, std::string_view key, std::string missing);
Result<double> number_or(const nlohmann::json& object, std::string_view key, double missing);
Result<int> int_or(const nlohmann::json& object, std::string_view key, int missing);
// Empty when the field is absent.
Result<std::vector<int>> ints(const nlohmann::json& object, std::string_view key);
Result<std::size_t> count_or(const nlohmann::json& object, std::string_view key, std::size_t missing);
Result<bool> flag_or(const nlohmann::json& object, std::string_view key, bool missing);
// Empty when the field is absent.
Result<std::vector<std::string>> texts(const nlohmann::json& object, std::string_view key);
// Return the array itself, or an empty array when the field is absent.
Result<const nlohmann::json*> list(const nlohmann::json& object, std::string_view key);

}  // namespace spyre::results
