// SPDX-License-Identifier: Apache-2.0
#include "testsel/quarantine.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::testsel {
namespace {

Result<std::string> need(const Yaml& node, std::string_view key) {
  const Yaml* value = node.find(key);
  if (value == nullptr) return node.error(fmt::format("an entry needs the key '{}'", key));
  TRY(std::string text, value->as_string());
  if (text.empty()) return value->error(fmt::format("'{}' is empty", key));
  return text;
}

Result<Quarantined> read_entry(const Yaml& node, SystemTime now) {
  CHECK_OK(node.check_keys({"test", "owner", "issue", "expires"}));
  Quarantined entry;
  entry.where = node.where();
  TRY(entry.test, need(node, "test"));
  TRY(entry.owner, need(node, "owner"));
  TRY(entry.issue, need(node, "issue"));
  TRY(entry.expires, need(node, "expires"));
  const Yaml& expires = *node.find("expires");
  const auto day = parse_date(entry.expires);
  if (!day) return expires.error(fmt::format("'{}' is not a date", shorten(entry.expires, 40)), "write 2026-12-31");
  // Days, not nanoseconds, whose range ends in the year 2262.
  if (std::chrono::floor<std::chrono::days>(now) > *day) {
    return expires.error(
        fmt::format("the quarantine of {} expired on {}", shorten(entry.test, 200), entry.expires),
        fmt::format("ask {} whether the test passes now, and take the entry out or give it another day "
                    "({})",
                    entry.owner, entry.issue));
  }
  return entry;
}

}  // namespace

Result<std::vector<Quarantined>> parse_quarantine(std::string_view text, const std::string& origin, SystemTime now) {
  TRY(const Yaml root, Yaml::parse(text, origin));
  CHECK_OK(root.check_keys({"quarantine"}));
  const Yaml* list = root.find("quarantine");
  std::vector<Quarantined> entries;
  if (list == nullptr || list->kind() == Yaml::Kind::null) return entries;
  if (list->kind() != Yaml::Kind::list) return list->error("expected a list of entries");
  for (const Yaml& node : list->items()) {
    TRY(Quarantined entry, read_entry(node, now));
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool covers(const Quarantined& entry, const std::string& test) {
  return test == entry.test || glob_match(entry.test, test);
}

QuarantineFindings match(const std::vector<Quarantined>& quarantine, const Inventory& inventory) {
  QuarantineFindings findings;
  std::vector<std::string> ids;
  for (const TestFile& file : inventory.files) {
    for (const Test& test : file.tests) ids.push_back(test.id);
  }
  for (const Quarantined& entry : quarantine) {
    const std::string reason = fmt::format("quarantined until {} ({}): {}", entry.expires, entry.owner, entry.issue);
    bool exact = false, found = false;
    for (const std::string& id : ids) {
      if (!covers(entry, id)) continue;
      found = true;
      exact = exact || id == entry.test;
      merge({Mode::xfail, reason, {}}, findings.expectations[id]);
    }
    if (exact) continue;
    // A case, or a test that its class inherits or gets when it is made: those are known only after collection.
    findings.cases.push_back({{}, {}, reason, entry.test, Mode::xfail});
    if (found) continue;
    findings.unknown.push_back(
        fmt::format("{}: no test as written has the name '{}': only cases with this name may fail{}", entry.where,
                    shorten(entry.test, 200), did_you_mean(entry.test, ids)));
  }
  return findings;
}

}  // namespace spyre::testsel
