// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_case.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <pugixml.hpp>

#include "agent/core/text.hpp"
#include "agent/results/junit_identity.hpp"
#include "agent/results/xml_attributes.hpp"
#include "agent/results/xml_text.hpp"

namespace spyre::results {
namespace {

std::string_view first_line(std::string_view text) {
  return trim(trim(text).substr(0, trim(text).find('\n')));
}

// All text of an element: some writers split it over several CDATA sections.
std::string text_of(const pugi::xml_node& element) {
  std::string out;
  for (const pugi::xml_node& child : element) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  return xml_clean(out);
}

// A number that takes all of `text`, or nothing.
std::optional<double> whole_number(std::string_view text) {
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

int rank(Outcome outcome) {
  switch (outcome) {
    case Outcome::failed:
      return 3;
    case Outcome::error:
    case Outcome::crashed:
    case Outcome::timed_out:
    case Outcome::not_run:
      return 2;
    case Outcome::skipped:
    case Outcome::xfailed:
      return 1;
    case Outcome::passed:
    case Outcome::xpassed:
      return 0;
  }
  return 0;
}

// What an <error> is: ours say it in their type.
Outcome error_outcome(std::string_view type) {
  if (type == "crashed") return Outcome::crashed;
  if (type == "timed_out") return Outcome::timed_out;
  if (type == "not_run") return Outcome::not_run;
  return Outcome::error;
}

Outcome skip_outcome(std::string_view type) {
  return type == "pytest.xfail" || type == "XFAIL" || type == "xfail" ? Outcome::xfailed : Outcome::skipped;
}

// A child of a testcase, its texts clean.
struct Child {
  std::string_view name;
  std::string type, message, text;
};

bool is_rerun(std::string_view name) {
  return name == "rerun" || name == "flakyFailure" || name == "flakyError" || name == "rerunFailure" ||
         name == "rerunError";
}

// Takes what a child tells: a verdict, when it weighs more than what is known (failure > error > skipped > success).
// Whether it was one.
bool take_child(Child& child, JunitCase& result) {
  if (is_rerun(child.name)) ++result.reruns;
  Outcome outcome = Outcome::failed;
  if (child.name == "error") {
    outcome = error_outcome(child.type);
  } else if (child.name == "skipped") {
    outcome = skip_outcome(child.type);
  } else if (child.name != "failure") {
    return false;
  }
  if (rank(outcome) > rank(result.outcome)) {
    result.outcome = outcome;
    std::swap(result.message, child.message);
    std::swap(result.details, child.text);
    if (trim(result.message).empty()) result.message = first_line(result.details);
    if (result.message.empty() && rank(outcome) > rank(Outcome::skipped)) result.message = child.type;
  } else if (rank(outcome) == rank(result.outcome) && !child.text.empty()) {
    result.details += "\n" + child.text;  // GoogleTest writes one failure for each check that fails
  }
  return true;
}

// Nearly all bodies are one element with nothing but text in it: that needs no parser.
bool read_single_child(std::string_view body, Child& child) {
  body = trim(body);
  if (!body.starts_with('<')) return false;
  XmlAttributes attribute(body);
  while (attribute.next()) {
    if (attribute.name() == "type") assign_attribute(child.type, attribute.value());
    if (attribute.name() == "message") assign_attribute(child.message, attribute.value());
  }
  const std::string_view rest = attribute.rest();
  child.name = body.substr(1, body.find_first_of(" \t\r\n/>") - 1);
  if (rest == "/>") return true;
  const std::size_t end = rest.find('<');
  if (!rest.starts_with('>') || end == std::string_view::npos) return false;
  std::string_view end_tag = rest.substr(end);
  if (!end_tag.starts_with("</") || !end_tag.ends_with('>')) return false;
  end_tag.remove_prefix(2);
  end_tag.remove_suffix(1);
  if (end_tag != child.name) return false;
  assign_content(child.text, rest.substr(1, end - 1));
  return true;
}

bool read_children(std::string_view body, JunitCase& result, bool& whole) {
  Child child;
  if (read_single_child(body, child)) return take_child(child, result);
  pugi::xml_document document;
  whole =
      document.load_buffer(body.data(), body.size(), pugi::parse_default | pugi::parse_fragment, pugi::encoding_utf8) &&
      whole;
  bool told = false;
  for (const pugi::xml_node& each : document) {
    child = {each.name(), xml_clean(each.attribute("type").value()), xml_clean(each.attribute("message").value()),
             text_of(each)};
    told = take_child(child, result) || told;
  }
  return told;
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

void clear(JunitCase& result) {
  result.file.clear();
  result.classname.clear();
  result.name.clear();
  result.outcome = Outcome::passed;
  result.time_s = 0;
  result.reruns = 0;
  result.message.clear();
  result.details.clear();
}

}  // namespace

void JunitCaseReader::normalise(JunitCase& result) {
  if (!m_normalised.name.empty() && result.classname == m_written.name && result.file == m_written.file) {
    result.classname = m_normalised.name;
    result.file = m_normalised.file;
    return;
  }
  m_written = {result.file, result.classname};
  normalise_identity(result);
  m_normalised = {result.file, result.classname};
}

JunitCaseReader::Reading JunitCaseReader::read(const JunitAttributes& attributes, std::string_view body,
                                               const JunitSuite& suite, JunitCase& result) {
  clear(result);
  assign_attribute(result.name, attributes.name);
  if (result.name.empty()) result.name = "(no name)";
  assign_attribute(result.classname, attributes.classname);
  assign_attribute(result.file, attributes.file);
  if (result.file.empty()) result.file = suite.file;
  result.time_s = parse_time(attributes.time);

  Reading reading;
  reading.whole = !attributes.malformed;
  if (!body.empty()) reading.told = read_children(body, result, reading.whole);
  take_status(attributes.status, reading.told, result);
  normalise(result);
  return reading;
}

JunitCaseReader::Reading JunitCaseReader::read_problem(std::string_view element, const JunitSuite& suite,
                                                       JunitCase& result) {
  clear(result);
  result.file = suite.file;
  result.name = suite.name.empty() ? "(suite)" : suite.name;
  Reading reading;
  reading.told = read_children(element, result, reading.whole);
  normalise_identity(result);
  return reading;
}

JunitSuite read_junit_suite(const JunitAttributes& attributes, const JunitSuite& parent) {
  JunitSuite suite;
  assign_attribute(suite.name, attributes.name);
  assign_attribute(suite.file, attributes.file);
  if (suite.file.empty()) suite.file = parent.file;
  return suite;
}

}  // namespace spyre::results
