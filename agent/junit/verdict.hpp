// SPDX-License-Identifier: Apache-2.0
// What the children of a <testcase> say of how it ended.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "agent/junit/cases.hpp"

namespace spyre::junit {

class VerdictReader {
 public:
  struct Reading {
    bool whole = true;  // nothing was damaged
    bool told = false;  // there was a failure, an error or a skip
  };

  // Takes outcome, message, details and reruns of `result` from elements, of which the one weighs most that is the
  // worst. The texts are valid as long as `body` is, and until the next reading.
  Reading read(std::string_view body, Case& result);

 private:
  // A child of a testcase, its texts clean.
  struct Child {
    std::string_view name, type, message, text;
  };

  bool read_single_child(std::string_view body, Child& child);
  Reading read_children(std::string_view body, Case& result);
  std::string_view keep(std::string text) { return m_texts.emplace_back(std::move(text)); }
  bool take(const Child& child, Case& result);

  std::string m_type, m_message, m_text;  // of a single child, where they had to be resolved
  std::deque<std::string> m_texts;        // of several children
  std::string m_details;                  // of several children together
};

}  // namespace spyre::junit
