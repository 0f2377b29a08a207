// SPDX-License-Identifier: Apache-2.0
// What a dispatch asks for, and what is made of it: a run, or nothing. Pure.
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
  std::string sha;                // what is to be tested; empty when a branch was deleted
  std::string base;               // of a pull request: the commit that it is against
  std::string ref;                // of a push: refs/heads/main
  bool asked_for = false;         // a label ciflow/crcr/… asks for a check run
};

struct DispatchRules {
  std::vector<std::string> upstreams;   // repositories whose dispatches are accepted
  std::string pull_request = "impact";  // what a pull request runs: impact, or a stage
  std::string push = "1";               // what a push runs: a stage
};

// Error: invalid (a field is missing or of a wrong kind, or the repository is not among the upstreams).
Result<Dispatch> read_dispatch(const ClientPayload& payload, const DispatchRules& rules);

// What to run for it. Only names of the repository are in it, and no text of a stranger but numbers and SHAs.
struct RunOrder {
  std::string revision;  // "pr/123", or a SHA
  std::string sha;       // what the revision has to come to; another means that a newer delivery supersedes this one
  std::string stage;     // empty: by impact
  std::string base;      // of the impact
  std::string priority;  // high: asked for by a label; normal: a pull request; low: a push
};

// Nothing when there is nothing to run, and then `why` says why: the pull request was closed, the branch deleted.
std::optional<RunOrder> order_run(const Dispatch& dispatch, const DispatchRules& rules, std::string& why);

enum class Decision { accepted, duplicate, ignored };
std::string_view name(Decision decision);

struct Accepted {
  Decision decision = Decision::accepted;
  std::string reason;  // when it is not accepted
  Dispatch dispatch;
  std::optional<RunOrder> run;          // also of a duplicate: what was ordered then
  std::vector<std::string> supersedes;  // earlier deliveries of the same pull request that this one makes pointless
};

// "spyre-ci/dispatch@1".
nlohmann::json to_json(const Accepted& accepted);

}  // namespace spyre::relay
