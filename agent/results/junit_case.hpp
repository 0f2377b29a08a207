// SPDX-License-Identifier: Apache-2.0
// From a parsed <testcase> element to a JunitCase: what the dialects of the writers mean.
#pragma once

#include "agent/results/junit.hpp"

namespace pugi {
class xml_node;
}

namespace spyre::results {

// What an enclosing suite tells about its cases.
struct JunitSuite {
  std::string name, file;
};

// Fills `result`, which is reused to spare allocations. Returns whether the element told a verdict (a failure, an
// error, a skip): a case that is cut off without one may have ended in any way.
bool read_junit_case(const pugi::xml_node& element, const JunitSuite& suite, JunitCase& result);

// An <error> or <failure> directly in a suite, as a case of the suite's name: it is nothing to be silent about.
void read_suite_problem(const pugi::xml_node& element, const JunitSuite& suite, JunitCase& result);

JunitSuite read_junit_suite(const pugi::xml_node& element, const JunitSuite& parent);

}  // namespace spyre::results
