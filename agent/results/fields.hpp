// SPDX-License-Identifier: Apache-2.0
// Typed readings of a JSON object's fields, each with an error that names the field. Error: invalid.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

Result<std::string> text(const nlohmann::json& object, std::string_view key);
// These give `missing` when there is no such field, or it is null.
Result<std::string> text_or(const nlohmann::json& object, std::string_view key, std::string missing);
Result<double> number_or(const nlohmann::json& object, std::string_view key, double missing);
Result<int> int_or(const nlohmann::json& object, std::string_view key, int missing);
// An empty list when there is no such field.
Result<std::vector<int>> ints(const nlohmann::json& object, std::string_view key);
Result<std::size_t> count_or(const nlohmann::json& object, std::string_view key, std::size_t missing);
Result<bool> flag_or(const nlohmann::json& object, std::string_view key, bool missing);
// An empty list when there is no such field.
Result<std::vector<std::string>> texts(const nlohmann::json& object, std::string_view key);
// The array itself, or an empty one.
Result<const nlohmann::json*> list(const nlohmann::json& object, std::string_view key);

}  // namespace spyre::results
