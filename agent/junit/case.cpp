// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/case.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "agent/core/text.hpp"
#include "agent/junit/xml_text.hpp"

namespace spyre::junit {
namespace {

// Parse "12.345" quickly. A double holds this many digits and the power of ten exactly, so the quotient is the nearest
// double.
bool read_short_decimal(std::string_view text, double& value) {
  static constexpr std::array powers{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  std::int64_t digits = 0;
  std::size_t count = 0, decimals = 0;
  bool behind_point = false;
  for (const char c : text) {
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++count == powers.size()) return false;
    digits = digits * 10 + (c - '0');
    decimals += behind_point ? 1 : 0;
  }
  value = static_cast<double>(digits) / powers[decimals];
  return count > 0;
}

// Parse a number that takes all of `text`.
bool read_number(std::string_view text, double& value) {
  if (read_short_decimal(text, value)) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return false;
  value = std::max(value, 0.0);
  return true;
}

// Parse seconds: "0.25", "1,234.5" (Surefire groups thousands), "0,5"; 0 for an invalid number.
double parse_time(std::string_view text) {
  double value = 0;
  if (read_number(text, value)) return value;
  std::string digits(trim(text));
  if (digits.find('.') != std::string::npos) {
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  } else {
    std::replace(digits.begin(), digits.end(), ',', '.');
  }
  return read_number(digits, value) ? value : 0;
}

// The values of the attribute `status` in files of GoogleTest, CTest and this program.
void take_status(std::string_view status, bool told, Case& result) {
  if (status.empty()) return;
  if (!told && (status == "notrun" || status == "disabled")) result.outcome = results::Outcome::skipped;
  if (!told && status == name(results::Outcome::xpassed)) result.outcome = results::Outcome::xpassed;
  // CTest also uses "skipped" for tests that it could not start.
  const bool could_not_run = told && status == "notrun" && !result.message.starts_with("SKIP_");
  if (could_not_run && result.outcome == results::Outcome::skipped) result.outcome = results::Outcome::not_run;
}

// Only the members that children may change; all others are always set.
void forget_verdict(Case& result) {
  result.outcome = results::Outcome::passed;
  result.over_budget = false;
  result.reruns = 0;
  result.message = {};
  result.details = {};
}

}  // namespace

void CaseReader::normalise(Case& result) {
  m_identity.file = result.file;
  m_identity.classname = result.classname;
  m_identity.name = result.name;
  normalise_identity(m_identity);
  result.file = m_identity.file;
  result.classname = m_identity.classname;
  result.name = m_identity.name;
}

void CaseReader::normalise_as_before(Case& result) {
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

CaseReader::Reading CaseReader::read(const Attributes& attributes, std::string_view body, const Suite& suite,
                                     Case& result) {
  forget_verdict(result);
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

CaseReader::Reading CaseReader::read_problem(std::string_view element, const Suite& suite, Case& result) {
  forget_verdict(result);
  result.file = suite.file;
  result.classname = {};
  result.name = suite.name.empty() ? std::string_view("(suite)") : std::string_view(suite.name);
  result.time_s = 0;
  const Reading reading = m_verdict.read(element, result);
  normalise(result);
  return reading;
}

Suite read_suite(const Attributes& attributes, const Suite& parent) {
  std::string scratch;
  Suite suite;
  suite.name = attribute_text(attributes.name, scratch);
  suite.file = attribute_text(attributes.file, scratch);
  if (suite.file.empty()) suite.file = parent.file;
  return suite;
}

}  // namespace spyre::junit
