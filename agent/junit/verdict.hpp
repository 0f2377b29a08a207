// SPDX-License-Identifier: Apache-2.0
// Reads the outcome of a <testcase> from its children.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "agent/junit/cases.hpp"

namespace spyre::junit {

class VerdictReader {
 public:
  struct Reading {
    bool whole = true;  // not damaged
    bool told = false;  // has a failure, an error or a skip
  };

  // Read outcome, message, details and reruns of `result` from elements; the worst of them decides. The texts are valid
  // as long as `body`, and until the next reading.
  Reading read(std::string_view body, Case& result);

 private:
  // A child of a testcase, with clean texts.
  struct Child {
    std::string_view name, type, message, text;
  };

  bool read_single_child(std::string_view body, Child& child);
  Reading read_children(std::string_view body, Case& result);
  std::string_view keep(std::string text) { return m_texts.emplace_back(std::move(text)); }
  bool take(const Child& child, Case& result);

  std::string m_type, m_message, m_text;  // of a single child, where entities had to be resolved
  std::deque<std::string> m_texts;        // of several children
  std::string m_details;                  // of several children, combined
};

}  // namespace spyre::junit
