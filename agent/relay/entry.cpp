// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/entry.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/utc.hpp"

namespace spyre::relay {
namespace {

std::string shown(Milliseconds time) {
  return format_utc(SystemTime{std::chrono::milliseconds(time)});
}

nlohmann::json to_json(const Entry& entry) {
  nlohmann::json document{{"id", entry.id},
                          {"repository", entry.repository},
                          {"delivery_id", entry.delivery_id},
                          {"workflow", entry.workflow},
                          {"job_name", entry.job_name},
                          {"status", name(entry.status)},
                          {"state", name(entry.state)},
                          {"attempts", entry.attempts},
                          {"created", shown(entry.created)},
                          {"changed", shown(entry.changed)},
                          {"due", nullptr},
                          {"reason", entry.reason}};
  if (entry.state == State::waiting) document["due"] = shown(entry.due);
  return document;
}

}  // namespace

std::string describe(const Entry& entry) {
  std::string text = fmt::format("{} of {} / {} ({}): {}", name(entry.status), entry.workflow, entry.job_name,
                                 entry.delivery_id, name(entry.state));
  if (entry.state != State::delivered && entry.attempts > 0) {
    text += fmt::format(" after {} attempt{}", entry.attempts, entry.attempts == 1 ? "" : "s");
  }
  if (!entry.reason.empty()) text += ": " + entry.reason;
  if (entry.claimed_until != 0) {
    text += fmt::format("; a process is sending it, or died while sending: it is released at {}",
                        shown(entry.claimed_until));
  }
  return text;
}

std::size_t count(const std::vector<Entry>& entries, State state) {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.state == state; }));
}

nlohmann::json outbox_document(const std::vector<Entry>& entries) {
  nlohmann::json counts, messages = nlohmann::json::array();
  for (const State state : all_states) counts[std::string(name(state))] = count(entries, state);
  for (const Entry& entry : entries) messages.push_back(to_json(entry));
  return {{"schema", schema_id("outbox")}, {"counts", std::move(counts)}, {"messages", std::move(messages)}};
}

}  // namespace spyre::relay
