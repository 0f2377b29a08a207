// SPDX-License-Identifier: Apache-2.0
// The team's own list of tests that may fail for a while: each with an owner, an issue, and a last day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

struct Quarantined {
  std::string test;  // an id, or a glob over ids
  std::string owner;
  std::string issue;    // address
  std::string expires;  // "2026-12-31": the last day, UTC
  std::string where;    // "file:line:column"
};

// Parse the list. Error: config (a missing or unknown key, an invalid day, or an entry that has expired at `now`).
Result<std::vector<Quarantined>> parse_quarantine(std::string_view text, const std::string& origin, SystemTime now);

// Return whether the entry is about this test.
bool covers(const Quarantined& entry, const std::string& test);

struct QuarantineFindings {
  Expectations expectations;         // xfail
  std::vector<CaseNote> cases;       // likewise: for entries that are globs or do not name a test as written
  std::vector<std::string> unknown;  // entries that match no test as written, with the nearest
};
QuarantineFindings match(const std::vector<Quarantined>& quarantine, const Inventory& inventory);

}  // namespace spyre::testsel
