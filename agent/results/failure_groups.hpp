// SPDX-License-Identifier: Apache-2.0
// Groups failures by their apparent cause, so that one cause is one line regardless of how many cases it hits.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/results/outcome.hpp"

namespace spyre::results {

// Whether a failure is about the test or about the machine that it ran on.
enum class FailureKind {
  test,
  card,     // the card is faulty, busy or gone
  memory,   // out of memory, of the host or of the card
  import,   // torch cannot be imported
  network,  // a download failed
  disk,     // full, or too many open files
};
std::string_view name(FailureKind kind);
inline bool is_infrastructure(FailureKind kind) {
  return kind != FailureKind::test;
}

// Classify a failure by its text. A text without a known signature is a failure of the test itself.
FailureKind failure_kind(std::string_view message, std::string_view details);

// Return the message without the parts that differ from case to case: numbers, addresses, temporary paths.
std::string normalised_message(std::string_view message);
// Return the innermost frame of a traceback (Python's, pytest's or faulthandler's) outside of installed libraries, as
// "file:line"; empty when none is found.
std::string innermost_frame(std::string_view details);

struct FailureGroup {
  std::string message;  // of the first case
  std::string where;    // innermost frame of own code, of the first case
  Outcome outcome = Outcome::failed;
  FailureKind kind = FailureKind::test;
  std::vector<std::string> cases;  // ids, sorted
};

// Groups two failures when their normalised messages are equal and they happened at the same place of the backend. The
// place in the test does not matter, unless the message is only the name of an exception.
class FailureGrouper {
 public:
  void add(const std::string& id, Outcome outcome, std::string_view message, std::string_view details);
  // Add one failed attempt. The text of its cause does not indicate a machine failure: only the test's output is
  // searched for signatures.
  void add(const std::string& id, const Attempt& attempt);
  // Return the groups, the largest first; groups of equal size by message.
  std::vector<FailureGroup> groups() const;

 private:
  void add(const std::string& id, Outcome outcome, std::string_view message, std::string_view details,
           FailureKind kind);

  std::vector<FailureGroup> m_groups;
  std::map<std::pair<std::string, std::string>, std::size_t> m_known;  // message and place → group
};

// [{message, where, outcome, kind, count, cases: the first ten}]
nlohmann::json to_json(const std::vector<FailureGroup>& groups);

}  // namespace spyre::results
