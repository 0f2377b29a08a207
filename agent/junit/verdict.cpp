// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/verdict.hpp"

#include <pugixml.hpp>

#include "agent/core/text.hpp"
#include "agent/junit/xml_attributes.hpp"
#include "agent/junit/xml_text.hpp"

namespace spyre::junit {
namespace {

std::string_view first_line(std::string_view text) {
  return trim(trim(text).substr(0, trim(text).find('\n')));
}

// Return all text of an element: some writers split it into several CDATA sections.
std::string text_of(const pugi::xml_node& element) {
  std::string out;
  for (const pugi::xml_node& child : element) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  return xml_clean(out);
}

int rank(results::Outcome outcome) {
  switch (outcome) {
    case results::Outcome::failed:
      return 3;
    case results::Outcome::error:
    case results::Outcome::crashed:
    case results::Outcome::timed_out:
    case results::Outcome::not_run:
      return 2;
    case results::Outcome::skipped:
    case results::Outcome::xfailed:
      return 1;
    case results::Outcome::passed:
    case results::Outcome::xpassed:
      return 0;
  }
  return 0;
}

// Classify an <error>: our own files have the outcome in its type.
results::Outcome error_outcome(std::string_view type) {
  if (type == "crashed") return results::Outcome::crashed;
  if (type == "timed_out") return results::Outcome::timed_out;
  if (type == "not_run") return results::Outcome::not_run;
  return results::Outcome::error;
}

results::Outcome skip_outcome(std::string_view type) {
  if (type == over_budget_type) return results::Outcome::not_run;
  return type == "pytest.xfail" || type == "XFAIL" || type == "xfail" ? results::Outcome::xfailed
                                                                      : results::Outcome::skipped;
}

bool is_rerun(std::string_view name) {
  return name == "rerun" || name == "flakyFailure" || name == "flakyError" || name == "rerunFailure" ||
         name == "rerunError";
}

// Return whether `text` is exactly "</name>".
bool is_end_tag(std::string_view text, std::string_view name) {
  return text.size() == name.size() + 3 && text.starts_with("</") && text.ends_with('>') &&
         text.substr(2, name.size()) == name;
}

}  // namespace

// Read a child of a case: it sets the verdict when its rank is higher than the current one (failure > error > skipped >
// success). Return whether it was a verdict.
bool VerdictReader::take(const Child& child, Case& result) {
  results::Outcome outcome = results::Outcome::failed;
  if (child.name == "error") {
    outcome = error_outcome(child.type);
  } else if (child.name == "skipped") {
    outcome = skip_outcome(child.type);
  } else if (child.name != "failure") {
    if (is_rerun(child.name)) ++result.reruns;
    return false;
  }
  if (rank(outcome) > rank(result.outcome)) {
    result.outcome = outcome;
    result.over_budget = outcome == results::Outcome::not_run && child.type == over_budget_type;
    result.message = child.message;
    result.details = child.text;
    if (trim(result.message).empty()) result.message = first_line(result.details);
    if (result.message.empty() && rank(outcome) > rank(results::Outcome::skipped)) result.message = child.type;
  } else if (rank(outcome) == rank(result.outcome) && !child.text.empty()) {
    // GoogleTest writes one failure for each failed check.
    if (result.details.data() != m_details.data()) m_details = result.details;
    m_details.append("\n").append(child.text);
    result.details = m_details;
  }
  return true;
}

// Nearly all bodies are one element that contains only text: a parser is not needed for it.
bool VerdictReader::read_single_child(std::string_view body, Child& child) {
  if (!body.starts_with('<') || !body.ends_with('>')) body = trim(body);
  if (!body.starts_with('<')) return false;
  child.name = leading_name(body.substr(1));
  const auto take_attribute = [&](std::string_view name, const XmlValue& value) {
    if (is_name(name, "type")) child.type = attribute_text(value, m_type);
    if (is_name(name, "message")) child.message = attribute_text(value, m_message);
  };
  const auto rest = for_each_attribute(body.substr(1 + child.name.size()), take_attribute);
  if (!rest || *rest == "/>") return rest.has_value();
  if (!rest->starts_with('>')) return false;
  const std::size_t end = rest->find('<');
  if (end == std::string_view::npos || !is_end_tag(rest->substr(end), child.name)) return false;
  child.text = content_text(rest->substr(1, end - 1), m_text);
  return true;
}

VerdictReader::Reading VerdictReader::read_children(std::string_view body, Case& result) {
  Reading reading;
  m_texts.clear();
  pugi::xml_document document;
  reading.whole =
      document.load_buffer(body.data(), body.size(), pugi::parse_default | pugi::parse_fragment, pugi::encoding_utf8);
  for (const pugi::xml_node& each : document) {
    const Child child{each.name(), keep(xml_clean(each.attribute("type").value())),
                      keep(xml_clean(each.attribute("message").value())), keep(text_of(each))};
    reading.told = take(child, result) || reading.told;
  }
  return reading;
}

VerdictReader::Reading VerdictReader::read(std::string_view body, Case& result) {
  Child child;
  if (read_single_child(body, child)) return {true, take(child, result)};
  return read_children(body, result);
}

}  // namespace spyre::junit
