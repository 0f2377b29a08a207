// SPDX-License-Identifier: Apache-2.0
// From the text of a <testcase> to a JunitCase: what the dialects of the writers mean.
#pragma once

#include <string>
#include <string_view>

#include "agent/results/junit_cases.hpp"
#include "agent/results/junit_identity.hpp"
#include "agent/results/junit_pieces.hpp"
#include "agent/results/junit_verdict.hpp"

namespace spyre::results {

// What an enclosing suite tells about its cases.
struct JunitSuite {
  std::string name, file;
};

// A suite within `parent`.
JunitSuite read_junit_suite(const JunitAttributes& attributes, const JunitSuite& parent);

class JunitCaseReader {
 public:
  // Without a verdict, a damaged case may have ended in any way.
  using Reading = JunitVerdictReader::Reading;

  // `body` is what is between the tags, as far as it tells something. The texts of `result` are valid as long as all
  // that is given, and until the next reading.
  Reading read(const JunitAttributes& attributes, std::string_view body, const JunitSuite& suite, JunitCase& result);

  // An <error> or <failure> directly in a suite, as a case of the suite's name: it is nothing to be silent about.
  Reading read_problem(std::string_view element, const JunitSuite& suite, JunitCase& result);

 private:
  void normalise(JunitCase& result);
  void normalise_as_before(JunitCase& result);

  JunitVerdictReader m_verdict;
  std::string m_file, m_classname, m_name;  // where they had to be resolved
  JunitIdentity m_identity;
  // The class of the case before, as it was written and normalised: most cases have the same.
  struct ClassName {
    std::string file, name;
  };
  ClassName m_written, m_normalised;
};

}  // namespace spyre::results
