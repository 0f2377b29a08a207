// SPDX-License-Identifier: Apache-2.0
// What a dispatch requests, and the run that follows from it, if any. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/relay/client_payload.hpp"

namespace spyre::relay {

struct Dispatch {
  std::string delivery_id, event_type;
  std::string upstream;           // owner/name
  std::int64_t pull_request = 0;  // 0: a push
  std::string action;             // of a pull request: opened, synchronize, closed, …
  std::string sha;                // the commit to test; empty when a branch was deleted
  std::string base;               // of a pull request: its base commit
  std::string ref;                // of a push: refs/heads/main
  bool asked_for = false;         // a label ciflow/crcr/… requests a check run
};

struct DispatchRules {
  std::vector<std::string> upstreams;   // repositories whose dispatches are accepted
  std::string pull_request = "impact";  // what a pull request runs: impact, or a stage
  std::string push = "1";               // what a push runs: a stage
};

// Read a dispatch. Error: invalid (a field is missing or has the wrong type, or the repository is not one of the
// upstreams).
Result<Dispatch> read_dispatch(const ClientPayload& payload, const DispatchRules& rules);

// What to run for a dispatch. It contains only repository names, numbers and SHAs, and no other text from outside.
struct RunOrder {
  std::string revision;  // "pr/123", or a SHA
  std::string sha;       // the commit that the revision must resolve to; otherwise a newer delivery supersedes it
  std::string stage;     // empty: selected by impact
  std::string base;      // base commit for the impact
  std::string priority;  // high: requested by a label; normal: a pull request; low: a push
};

// Return the run for a dispatch. Without a run, `why` is the reason: the pull request was closed, or the branch was
// deleted.
std::optional<RunOrder> order_run(const Dispatch& dispatch, const DispatchRules& rules, std::string& why);

enum class Decision { accepted, duplicate, ignored };
std::string_view name(Decision decision);

struct Accepted {
  Decision decision = Decision::accepted;
  std::string reason;  // why it is not accepted
  Dispatch dispatch;
  std::optional<RunOrder> run;          // also of a duplicate: the run ordered then
  std::vector<std::string> supersedes;  // earlier deliveries of the same pull request that this one makes obsolete
};

// Return the document "spyre-ci/dispatch@1".
nlohmann::json to_json(const Accepted& accepted);

}  // namespace spyre::relay
