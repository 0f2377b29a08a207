// SPDX-License-Identifier: Apache-2.0
// A JUnit document under construction, case by case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/junit/junit.hpp"
#include "agent/results/record.hpp"

namespace spyre::junit {

// The outer elements of a document, with the counts of all suites.
struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double time_s = 0;

  void add(const Counts& other);
  std::string attributes() const;
};
std::string format_document(const Counts& counts, std::string_view suites);

// One <testsuite>.
class SuiteWriter {
 public:
  explicit SuiteWriter(Options options) : m_options(std::move(options)) {}

  void add(const results::CaseResult& result);
  // Add a case that was read from a file. Only the number of its reruns is known.
  void add(const Case& result);
  std::string finish(std::string_view timestamp) const;

  const Counts& counts() const { return m_counts; }
  std::size_t size() const { return m_body.size(); }

 private:
  struct Identity {
    std::string classname, name, file;
  };
  void add(const Identity& identity, const std::vector<results::Attempt>& attempts,
           const std::vector<std::string>& tags = {});
  void properties(const std::vector<std::string>& tags);
  void attribute(std::string_view name, std::string_view value);
  void text_element(std::string_view name, std::string_view text);
  void verdict(std::string_view element, std::string_view type, const results::Attempt& attempt);
  void last_attempt(const results::Attempt& attempt);
  void earlier_attempt(const results::Attempt& attempt, bool passed_in_the_end);

  Options m_options;
  std::string m_body;
  Counts m_counts;
};

}  // namespace spyre::junit
