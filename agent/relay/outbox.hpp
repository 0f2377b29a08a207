// SPDX-License-Identifier: Apache-2.0
// Messages to the relay, kept on the disk until their end is known. Every change is one transaction: whenever the agent
// dies, a message is either not there, or waits, or is settled. Safe to use from several processes at once.
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

// The text that all messages of a job share.
std::string job_key(const Job& job, const std::string& delivery_id);

struct Message {
  Job job;
  std::string delivery_id;
  Status status = Status::in_progress;
  std::string url, body;
};

struct Added {
  Entry entry;
  bool is_new = true;  // false: it was there already
};

// A message that this process sends, and nobody else does until `claimed_until`.
struct Claim {
  Entry entry;
  std::string body;
  std::int64_t token = 0;
  bool is_begun = true;  // as Before says
};

struct ClaimRules {
  Milliseconds length = 0;        // of a claim: longer than the longest attempt
  Milliseconds longest_wait = 0;  // a message that seems to be due later is due: the clock was set back
  int calls_a_minute = 0;
};

// A claim, or in how many milliseconds to look again; neither when nothing waits.
struct Next {
  std::optional<Claim> claim;
  std::optional<Milliseconds> wait;
};

class Outbox {
 public:
  // Error: io, busy, invalid (not an outbox).
  static Result<Outbox> open(const std::filesystem::path& path);

  // Writes the message down, due at once. One of the same job and status that is there already is left as it is.
  // Error: usage (the job's other message has another check run id), io.
  Result<Added> add(const Message& message, Milliseconds now);
  // The next message that is due and whose job has no earlier one waiting, and a call of its repository's rate. `job`:
  // only of this job; empty: of all.
  Result<Next> claim(const std::string& job, const ClaimRules& rules, Milliseconds now);
  // To be called before the first byte is sent: if the agent dies now, the message may have arrived.
  Result<void> about_to_send(const Claim& claim);
  // The end of an attempt, and with `due` the time of the next. False when the claim was over and somebody else has the
  // message by now: then nothing is changed.
  Result<bool> record(const Claim& claim, const Judgement& judgement, Milliseconds due, Milliseconds now);
  // Error: io, as below.
  Result<std::vector<Entry>> entries();
  Result<std::optional<Entry>> find(std::int64_t id);
  // Dead letters wait again, with all the time to give up before them. How many there were.
  Result<std::int64_t> revive(Milliseconds now);

 private:
  explicit Outbox(database::Connection connection) : m_connection(std::move(connection)) {}
  Result<std::vector<Entry>> select(const std::string& condition, std::vector<database::Value> values);
  Result<std::optional<Entry>> next_sendable(const std::string& job, const std::vector<std::string>& but,
                                             const ClaimRules& rules, Milliseconds now);
  Result<void> take(Claim& claim, Milliseconds until);
  // Nothing when there is a call left, and then it is taken; else how long to wait for one.
  Result<std::optional<Milliseconds>> take_call(const std::string& repository, int calls_a_minute, Milliseconds now);
  Result<std::optional<Milliseconds>> next_look(const std::string& job, const ClaimRules& rules, Milliseconds now);
  Result<void> forget_old(Milliseconds now);

  database::Connection m_connection;
};

}  // namespace spyre::relay
