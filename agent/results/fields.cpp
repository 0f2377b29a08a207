// SPDX-License-Identifier: Apache-2.0
#include "agent/results/fields.hpp"

#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace spyre::results {
namespace {

const nlohmann::json* find(const nlohmann::json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto field = object.find(key);
  return field == object.end() || field->is_null() ? nullptr : &*field;
}

tl::unexpected<Error> wrong(std::string_view key, std::string_view expected) {
  return fail(ErrorKind::invalid, fmt::format("\"{}\" must be {}", key, expected));
}

}  // namespace

Result<std::string> text(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return fail(ErrorKind::invalid, fmt::format("\"{}\" is missing", key));
  if (!field->is_string()) return wrong(key, "a text");
  return field->get_ref<const std::string&>();
}

Result<std::string> text_or(const nlohmann::json& object, std::string_view key, std::string missing) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return missing;
  if (!field->is_string()) return wrong(key, "a text");
  return field->get_ref<const std::string&>();
}

Result<double> number_or(const nlohmann::json& object, std::string_view key, double missing) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return missing;
  if (!field->is_number()) return wrong(key, "a number");
  return field->get<double>();
}

Result<int> int_or(const nlohmann::json& object, std::string_view key, int missing) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return missing;
  const auto value = field->is_number_integer() ? field->get<std::int64_t>() : std::numeric_limits<std::int64_t>::max();
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return wrong(key, "a whole number");
  }
  return static_cast<int>(value);
}

Result<std::size_t> count_or(const nlohmann::json& object, std::string_view key, std::size_t missing) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return missing;
  // A number that is built in memory is signed; a number from a file is unsigned.
  if (!field->is_number_integer() || (!field->is_number_unsigned() && field->get<std::int64_t>() < 0)) {
    return wrong(key, "a count");
  }
  return field->get<std::size_t>();
}

Result<std::vector<int>> ints(const nlohmann::json& object, std::string_view key) {
  TRY(const nlohmann::json* items, list(object, key));
  std::vector<int> out;
  for (const nlohmann::json& item : *items) {
    const auto value = item.is_number_integer() ? item.get<std::int64_t>() : -1;
    if (value < 0 || value > std::numeric_limits<int>::max()) return wrong(key, "a list of whole numbers");
    out.push_back(static_cast<int>(value));
  }
  return out;
}

Result<bool> flag_or(const nlohmann::json& object, std::string_view key, bool missing) {
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return missing;
  if (!field->is_boolean()) return wrong(key, "true or false");
  return field->get<bool>();
}

Result<const nlohmann::json*> list(const nlohmann::json& object, std::string_view key) {
  static const nlohmann::json empty = nlohmann::json::array();
  const nlohmann::json* field = find(object, key);
  if (field == nullptr) return &empty;
  if (!field->is_array()) return wrong(key, "a list");
  return field;
}

Result<std::vector<std::string>> texts(const nlohmann::json& object, std::string_view key) {
  TRY(const nlohmann::json* items, list(object, key));
  std::vector<std::string> out;
  out.reserve(items->size());
  for (const nlohmann::json& item : *items) {
    if (!item.is_string()) return wrong(key, "a list of texts");
    out.push_back(item.get_ref<const std::string&>());
  }
  return out;
}

}  // namespace spyre::results
