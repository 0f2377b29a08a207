// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_case.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "agent/core/text.hpp"
#include "agent/results/xml_text.hpp"

namespace spyre::results {
namespace {

// "12.345": as many digits as a double holds exactly, as does the power of ten, so that the quotient is the nearest
// double, too. Nothing for all else.
std::optional<double> short_decimal(std::string_view text) {
  constexpr std::size_t most = 16;  // with the point
  if (text.empty() || text.size() > most) return std::nullopt;
  std::uint64_t digits = 0;
  double scale = 0;  // 0 before the point
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
      scale *= 10;
    } else if (c == '.' && scale == 0) {
      scale = 1;
    } else {
      return std::nullopt;
    }
  }
  if (text == ".") return std::nullopt;
  return static_cast<double>(digits) / (scale == 0 ? 1 : scale);
}

// A number that takes all of `text`, or nothing.
std::optional<double> whole_number(std::string_view text) {
  if (const auto value = short_decimal(text)) return value;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return std::max(value, 0.0);
}

// Seconds: "0.25", "1,234.5" (Surefire groups thousands), "0,5", or 0 for what is no number.
double parse_time(std::string_view text) {
  if (const auto value = whole_number(text)) return *value;
  std::string digits(trim(text));
  if (digits.find('.') != std::string::npos) {
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  } else {
    std::replace(digits.begin(), digits.end(), ',', '.');
  }
  return whole_number(digits).value_or(0);
}

// What GoogleTest, CTest and this program say in the status.
void take_status(std::string_view status, bool told, JunitCase& result) {
  if (status.empty()) return;
  if (!told && (status == "notrun" || status == "disabled")) result.outcome = Outcome::skipped;
  if (!told && status == name(Outcome::xpassed)) result.outcome = Outcome::xpassed;
  // CTest calls skipped what it could not start, too.
  const bool could_not_run = told && status == "notrun" && !result.message.starts_with("SKIP_");
  if (could_not_run && result.outcome == Outcome::skipped) result.outcome = Outcome::not_run;
}

}  // namespace

void JunitCaseReader::normalise(JunitCase& result) {
  m_identity.file = result.file;
  m_identity.classname = result.classname;
  m_identity.name = result.name;
  normalise_identity(m_identity);
  result.file = m_identity.file;
  result.classname = m_identity.classname;
  result.name = m_identity.name;
}

void JunitCaseReader::normalise_as_before(JunitCase& result) {
  if (!m_normalised.name.empty() && result.classname == m_written.name && result.file == m_written.file) {
    result.classname = m_normalised.name;
    result.file = m_normalised.file;
    return;
  }
  m_written.file = result.file;
  m_written.name = result.classname;
  normalise(result);
  m_normalised.file = result.file;
  m_normalised.name = result.classname;
}

JunitCaseReader::Reading JunitCaseReader::read(const JunitAttributes& attributes, std::string_view body,
                                               const JunitSuite& suite, JunitCase& result) {
  result = {};
  result.name = attribute_text(attributes.name, m_name);
  if (result.name.empty()) result.name = "(no name)";
  result.classname = attribute_text(attributes.classname, m_classname);
  result.file = attribute_text(attributes.file, m_file);
  if (result.file.empty()) result.file = suite.file;
  result.time_s = parse_time(attributes.time.written);

  Reading reading;
  if (!body.empty()) reading = m_verdict.read(body, result);
  if (attributes.malformed) reading.whole = false;
  take_status(attributes.status.written, reading.told, result);
  normalise_as_before(result);
  return reading;
}

JunitCaseReader::Reading JunitCaseReader::read_problem(std::string_view element, const JunitSuite& suite,
                                                       JunitCase& result) {
  result = {};
  result.file = suite.file;
  result.name = suite.name.empty() ? std::string_view("(suite)") : std::string_view(suite.name);
  const Reading reading = m_verdict.read(element, result);
  normalise(result);
  return reading;
}

JunitSuite read_junit_suite(const JunitAttributes& attributes, const JunitSuite& parent) {
  std::string scratch;
  JunitSuite suite;
  suite.name = attribute_text(attributes.name, scratch);
  suite.file = attribute_text(attributes.file, scratch);
  if (suite.file.empty()) suite.file = parent.file;
  return suite;
}

}  // namespace spyre::results
