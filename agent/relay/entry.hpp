// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/relay/callback.hpp"
#include "agent/relay/rate.hpp"
#include "agent/relay/rules.hpp"

namespace spyre::relay {

// The data of a message without its body.
struct Entry {
  std::int64_t id = 0;
  std::string job, repository, delivery_id, workflow, job_name, url, reason;
  Status status = Status::in_progress;
  State state = State::waiting;
  int attempts = 0;
  bool may_have_arrived = false;
  Milliseconds created = 0, since = 0, due = 0, changed = 0, claimed_until = 0;
};

// Describe an entry: "completed of workflow / job (delivery): delivered".
std::string describe(const Entry& entry);

std::size_t count(const std::vector<Entry>& entries, State state);
// Return the document "spyre-ci/outbox@1".
nlohmann::json outbox_document(const std::vector<Entry>& entries);

}  // namespace spyre::relay
