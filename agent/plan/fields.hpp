// SPDX-License-Identifier: Apache-2.0
// Checked access to a foreign JSON document: every error names the file and the place in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::plan {

// A value in a document, which it does not own.
class Field {
 public:
  // `origin` names the document in errors.
  Field(const nlohmann::json& document, std::string origin) : m_value(&document), m_origin(std::move(origin)) {}

  const nlohmann::json& value() const { return *m_value; }
  std::string place() const;  // "plan.json: batches[3].file"
  // Return an error of kind invalid at this place.
  tl::unexpected<Error> error(std::string_view problem) const;

  // Return a member of an object. Error: invalid if this is not an object or lacks the key.
  Result<Field> at(std::string_view key) const;
  bool has(std::string_view key) const;
  // Return an entry of an object whose keys are data: the key is shown quoted.
  Field entry(std::string_view key, const nlohmann::json& value) const;
  // Return an item of an array that as_array has checked.
  Field item(std::size_t index) const;

  Result<std::size_t> array_size() const;
  Result<void> check_object() const;
  Result<std::string> as_string() const;
  Result<std::string> as_name() const;  // a string that is not empty
  Result<std::int64_t> as_int(std::int64_t min, std::int64_t max) const;
  Result<double> as_seconds() const;  // finite, not negative, at most ten years

 private:
  Field(const nlohmann::json& value, std::string origin, std::string path)
      : m_value(&value), m_origin(std::move(origin)), m_path(std::move(path)) {}
  const nlohmann::json* m_value;
  std::string m_origin;
  std::string m_path;
};

}  // namespace spyre::plan
