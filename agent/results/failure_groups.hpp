// SPDX-License-Identifier: Apache-2.0
// Failures put together by what seems to be their cause, so that one cause is one line however many cases it hits.
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

// Whether a failure tells about the test, or about the machine that it ran on.
enum class FailureKind {
  test,
  card,     // the card is faulty, busy or gone
  memory,   // out of memory, of the host or of the card
  import,   // torch cannot be imported
  network,  // something could not be fetched
  disk,     // full, or too many open files
};
std::string_view name(FailureKind kind);
inline bool is_infrastructure(FailureKind kind) {
  return kind != FailureKind::test;
}

// By what is said; a failure that names none of these is the test's own.
FailureKind failure_kind(std::string_view message, std::string_view details);

// The message without what differs from case to case: numbers, addresses, temporary paths.
std::string normalised_message(std::string_view message);
// The innermost frame in a traceback (Python's, pytest's or faulthandler's) that is not in an installed library,
// "file:line"; empty when there is none.
std::string innermost_frame(std::string_view details);

struct FailureGroup {
  std::string message;  // as the first of the cases says it
  std::string where;    // innermost own frame of the first
  Outcome outcome = Outcome::failed;
  FailureKind kind = FailureKind::test;
  std::vector<std::string> cases;  // ids, sorted
};

// Two failures belong together when they say the same, normalised, and happened at the same place of the backend; the
// place in the test does not matter, unless the message says nothing but the name of an exception.
class FailureGrouper {
 public:
  void add(const std::string& id, Outcome outcome, std::string_view message, std::string_view details);
  // What the cause of an attempt says is no sign of the machine: only what the test printed is searched for signs.
  void add(const std::string& id, const Attempt& attempt);
  // The largest group first; groups of the same size by message.
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
