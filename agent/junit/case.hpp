// SPDX-License-Identifier: Apache-2.0
// Converts the text of a <testcase> to a Case, for the dialects of all supported writers.
#pragma once

#include <string>
#include <string_view>

#include "agent/junit/cases.hpp"
#include "agent/junit/identity.hpp"
#include "agent/junit/pieces.hpp"
#include "agent/junit/verdict.hpp"

namespace spyre::junit {

// What an enclosing suite says about its cases.
struct Suite {
  std::string name, file;
};

// Read a suite inside of `parent`.
Suite read_suite(const Attributes& attributes, const Suite& parent);

class CaseReader {
 public:
  // A damaged case without a verdict may have had any outcome.
  using Reading = VerdictReader::Reading;

  // Read a case. `body` is the text between the tags that is relevant. The texts of `result` are valid as long as all
  // arguments, and until the next reading.
  Reading read(const Attributes& attributes, std::string_view body, const Suite& suite, Case& result);

  // Read an <error> or <failure> directly in a suite as a case with the name of the suite, so that it is not lost.
  Reading read_problem(std::string_view element, const Suite& suite, Case& result);

 private:
  void normalise(Case& result);
  void normalise_as_before(Case& result);

  VerdictReader m_verdict;
  std::string m_file, m_classname, m_name;  // where entities had to be resolved
  Identity m_identity;
  // The class of the previous case, raw and normalised: most cases have the same class.
  struct ClassName {
    std::string file, name;
  };
  ClassName m_written, m_normalised;
};

}  // namespace spyre::junit
