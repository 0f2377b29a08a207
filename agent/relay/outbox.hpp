// SPDX-License-Identifier: Apache-2.0
// Messages to the relay, kept on disk until they are settled. Every change is one transaction: whenever the agent dies,
// a message is either missing, waiting or settled. Several processes may use it at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/relay/callback.hpp"
#include "agent/relay/entry.hpp"
#include "agent/relay/rate.hpp"
#include "agent/relay/rules.hpp"

namespace spyre::relay {

// Return the key that all messages of a job share.
std::string job_key(const Job& job, const std::string& delivery_id);

struct Message {
  Job job;
  std::string delivery_id;
  Status status = Status::in_progress;
  std::string url, body;
};

struct Added {
  Entry entry;
  bool is_new = true;  // false: it was already there
};

// A message that only this process may send until `claimed_until`.
struct Claim {
  Entry entry;
  std::string body;
  std::int64_t token = 0;
  bool is_begun = true;  // as in Before
};

struct ClaimRules {
  Milliseconds length = 0;        // of a claim: longer than the longest attempt
  Milliseconds longest_wait = 0;  // a message that is due later than this is due now: the clock was set back
  int calls_a_minute = 0;
};

// A claim, or the milliseconds until the next check; neither when no message waits.
struct Next {
  std::optional<Claim> claim;
  std::optional<Milliseconds> wait;
};

class Outbox {
 public:
  // Error: io, busy, invalid (not an outbox).
  static Result<Outbox> open(const std::filesystem::path& path);

  // Add a message, due at once. An existing message of the same job and status is left unchanged. Error: usage (the
  // job's other message has another check run id), io.
  Result<Added> add(const Message& message, Milliseconds now);
  // Claim the next due message whose job has no earlier waiting message, and take a call from its repository's rate.
  // `job`: only messages of this job; empty: of all jobs.
  Result<Next> claim(const std::string& job, const ClaimRules& rules, Milliseconds now);
  // Record that an attempt starts. Call it before the first byte is sent: if the agent dies after it, the message may
  // have arrived.
  Result<void> about_to_send(const Claim& claim);
  // Record the end of an attempt; `due` is the time of the next attempt. Return false and change nothing when the claim
  // expired and another process claimed the message.
  Result<bool> record(const Claim& claim, const Judgement& judgement, Milliseconds due, Milliseconds now);
  // Error: io, as below.
  Result<std::vector<Entry>> entries();
  Result<std::optional<Entry>> find(std::int64_t id);
  // Make dead letters wait again, with a fresh time limit. Return their number.
  Result<std::int64_t> revive(Milliseconds now);

 private:
  explicit Outbox(database::Connection connection) : m_connection(std::move(connection)) {}
  Result<std::vector<Entry>> select(const std::string& condition, std::vector<database::Value> values);
  Result<std::optional<Entry>> next_sendable(const std::string& job, const std::vector<std::string>& but,
                                             const ClaimRules& rules, Milliseconds now);
  Result<void> take(Claim& claim, Milliseconds until);
  // Take a call from the rate. Return no value when a call was left, else the time to wait for one.
  Result<std::optional<Milliseconds>> take_call(const std::string& repository, int calls_a_minute, Milliseconds now);
  Result<std::optional<Milliseconds>> next_look(const std::string& job, const ClaimRules& rules, Milliseconds now);
  Result<void> forget_old(Milliseconds now);

  database::Connection m_connection;
};

}  // namespace spyre::relay
