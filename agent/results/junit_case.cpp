// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_case.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <pugixml.hpp>

#include "agent/core/text.hpp"
#include "agent/results/junit_identity.hpp"
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

// Seconds: "0.25", "1,234.5" (Surefire groups thousands), or 0 for what is no number.
double parse_time(std::string_view text) {
  std::string digits(trim(text));
  if (digits.find('.') != std::string::npos) {
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  } else {
    std::replace(digits.begin(), digits.end(), ',', '.');
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && std::isfinite(value) && value > 0 ? value : 0;
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

// Takes a verdict over when it weighs more than what is known: failure > error > skipped > success.
void take_verdict(const pugi::xml_node& element, Outcome outcome, JunitCase& result) {
  const std::string details = text_of(element);
  if (rank(outcome) > rank(result.outcome)) {
    result.outcome = outcome;
    result.message = xml_clean(element.attribute("message").value());
    if (trim(result.message).empty()) result.message = first_line(details);
    if (result.message.empty() && rank(outcome) > rank(Outcome::skipped)) {
      result.message = xml_clean(element.attribute("type").value());
    }
    result.details = details;
  } else if (rank(outcome) == rank(result.outcome) && !details.empty()) {
    result.details += "\n" + details;  // GoogleTest writes one failure for each check that fails
  }
}

void read_attributes(const pugi::xml_node& element, JunitCase& result, std::string_view& status) {
  for (const pugi::xml_attribute& attribute : element.attributes()) {
    const std::string_view name = attribute.name();
    if (name == "name") {
      result.name = xml_clean(attribute.value());
    } else if (name == "classname") {
      result.classname = xml_clean(attribute.value());
    } else if (name == "time") {
      result.time_s = parse_time(attribute.value());
    } else if (name == "file") {
      result.file = xml_clean(attribute.value());
    } else if (name == "status") {
      status = attribute.value();
    }
  }
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

bool read_junit_case(const pugi::xml_node& element, const JunitSuite& suite, JunitCase& result) {
  clear(result);
  std::string_view status;
  read_attributes(element, result, status);
  if (result.file.empty()) result.file = suite.file;
  bool told = false;
  for (const pugi::xml_node& child : element) {
    const std::string_view name = child.name();
    const std::string_view type = child.attribute("type").value();
    if (name == "failure") {
      take_verdict(child, Outcome::failed, result);
    } else if (name == "error") {
      take_verdict(child, error_outcome(type), result);
    } else if (name == "skipped") {
      take_verdict(child, skip_outcome(type), result);
    } else if (name == "rerun" || name == "flakyFailure" || name == "flakyError" || name == "rerunFailure" ||
               name == "rerunError") {
      ++result.reruns;
      continue;
    } else {
      continue;
    }
    told = true;
  }
  if (!told && (status == "notrun" || status == "disabled")) result.outcome = Outcome::skipped;  // GoogleTest, CTest
  // CTest calls skipped what it could not start, too.
  const bool could_not_run = told && status == "notrun" && !result.message.starts_with("SKIP_");
  if (could_not_run && result.outcome == Outcome::skipped) result.outcome = Outcome::not_run;
  if (!told && status == name(Outcome::xpassed)) result.outcome = Outcome::xpassed;
  normalise_identity(result);
  return told;
}

void read_suite_problem(const pugi::xml_node& element, const JunitSuite& suite, JunitCase& result) {
  clear(result);
  result.file = suite.file;
  result.name = suite.name.empty() ? "(suite)" : suite.name;
  take_verdict(element, std::string_view(element.name()) == "failure" ? Outcome::failed : Outcome::error, result);
  normalise_identity(result);
}

JunitSuite read_junit_suite(const pugi::xml_node& element, const JunitSuite& parent) {
  JunitSuite suite;
  suite.name = xml_clean(element.attribute("name").value());
  suite.file = xml_clean(element.attribute("file").value());
  if (suite.file.empty()) suite.file = parent.file;
  return suite;
}

}  // namespace spyre::results
