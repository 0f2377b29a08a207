// SPDX-License-Identifier: Apache-2.0
// From the text of a <testcase> to a Case: what the dialects of the writers mean.
#pragma once

#include <string>
#include <string_view>

#include "agent/junit/cases.hpp"
#include "agent/junit/identity.hpp"
#include "agent/junit/pieces.hpp"
#include "agent/junit/verdict.hpp"

namespace spyre::junit {

// What an enclosing suite tells about its cases.
struct Suite {
  std::string name, file;
};

// A suite within `parent`.
Suite read_suite(const Attributes& attributes, const Suite& parent);

class CaseReader {
 public:
  // Without a verdict, a damaged case may have ended in any way.
  using Reading = VerdictReader::Reading;

  // `body` is what is between the tags, as far as it tells something. The texts of `result` are valid as long as all
  // that is given, and until the next reading.
  Reading read(const Attributes& attributes, std::string_view body, const Suite& suite, Case& result);

  // An <error> or <failure> directly in a suite, as a case of the suite's name: it is nothing to be silent about.
  Reading read_problem(std::string_view element, const Suite& suite, Case& result);

 private:
  void normalise(Case& result);
  void normalise_as_before(Case& result);

  VerdictReader m_verdict;
  std::string m_file, m_classname, m_name;  // where they had to be resolved
  Identity m_identity;
  // The class of the case before, as it was written and normalised: most cases have the same.
  struct ClassName {
    std::string file, name;
  };
  ClassName m_written, m_normalised;
};

}  // namespace spyre::junit
