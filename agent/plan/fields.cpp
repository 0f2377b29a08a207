// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/fields.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::plan {
namespace {

constexpr double ten_years_s = 3.2e8;

// Return the actual value, shortened to fit on one line.
std::string shown(const nlohmann::json& value) {
  return shorten(dump_json(value), 60);
}

}  // namespace

std::string Field::place() const {
  return m_path.empty() ? m_origin : fmt::format("{}: {}", m_origin, m_path);
}

tl::unexpected<Error> Field::error(std::string_view problem) const {
  return fail(ErrorKind::invalid, fmt::format("{}: {}", place(), problem));
}

Result<Field> Field::at(std::string_view key) const {
  CHECK_OK(check_object());
  const auto found = m_value->find(key);
  if (found == m_value->end()) return error(fmt::format("\"{}\" is missing", key));
  return Field(*found, m_origin, m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key));
}

bool Field::has(std::string_view key) const {
  return m_value->is_object() && m_value->contains(key);
}

Field Field::entry(std::string_view key, const nlohmann::json& value) const {
  return {value, m_origin, fmt::format("{}[\"{}\"]", m_path, shorten(key, 200))};
}

Field Field::item(std::size_t index) const {
  return {(*m_value)[index], m_origin, fmt::format("{}[{}]", m_path, index)};
}

Result<std::size_t> Field::array_size() const {
  if (!m_value->is_array()) return error(fmt::format("expected a list, found {}", shown(*m_value)));
  return m_value->size();
}

Result<void> Field::check_object() const {
  if (!m_value->is_object()) return error(fmt::format("expected an object, found {}", shown(*m_value)));
  return {};
}

Result<std::string> Field::as_string() const {
  if (!m_value->is_string()) return error(fmt::format("expected a string, found {}", shown(*m_value)));
  return m_value->get_ref<const std::string&>();
}

Result<std::string> Field::as_name() const {
  TRY(std::string text, as_string());
  if (text.empty()) return error("expected a name, found an empty string");
  return text;
}

Result<std::int64_t> Field::as_int(std::int64_t min, std::int64_t max) const {
  const auto refuse = [&] {
    return error(fmt::format("expected a whole number from {} to {}, found {}", min, max, shown(*m_value)));
  };
  if (!m_value->is_number_integer()) return refuse();
  // Beyond 2^63 the value is unsigned, and reading it as signed would wrap.
  if (m_value->is_number_unsigned() && m_value->get<std::uint64_t>() > static_cast<std::uint64_t>(max)) return refuse();
  const auto number = m_value->get<std::int64_t>();
  if (number < min || number > max) return refuse();
  return number;
}

Result<double> Field::as_seconds() const {
  const auto number = m_value->is_number() ? m_value->get<double>() : -1;
  if (!std::isfinite(number) || number < 0 || number > ten_years_s) {
    return error(fmt::format("expected seconds (a number from 0 to {:.1e}), found {}", ten_years_s, shown(*m_value)));
  }
  return number;
}

}  // namespace spyre::plan
