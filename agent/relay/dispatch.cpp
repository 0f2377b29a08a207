// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/dispatch.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::relay {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> decision_names{"accepted", "duplicate", "ignored"};
constexpr std::string_view label_prefix = "ciflow/crcr/";

tl::unexpected<Error> missing(const std::string& path, std::string_view what) {
  return fail(ErrorKind::invalid, fmt::format("the dispatch's payload.{} is not {}", path, what),
              "this is not a webhook of GitHub as the relay dispatches it");
}

// Return the value at "a.b.c", or no value.
const json* at(const json& root, const std::string& path) {
  const json* here = &root;
  for (const std::string_view part : split(path, '.')) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(part);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

Result<std::string> name_at(const json& root, const std::string& path) {
  const json* found = at(root, path);
  if (found == nullptr || !found->is_string() || !is_name(found->get_ref<const std::string&>())) {
    return missing(path, "a short text");
  }
  return found->get<std::string>();
}

Result<std::string> sha_at(const json& root, const std::string& path) {
  TRY(std::string sha, name_at(root, path));
  if (is_sha(sha)) return sha;
  return missing(path, "the SHA of a commit");
}

bool has_label(const json& payload) {
  const json* labels = at(payload, "pull_request.labels");
  if (labels == nullptr || !labels->is_array()) return false;
  return std::any_of(labels->begin(), labels->end(), [](const json& label) {
    const json* name = at(label, "name");
    return name != nullptr && name->is_string() && name->get_ref<const std::string&>().starts_with(label_prefix);
  });
}

Result<void> read_pull_request(const json& payload, Dispatch& dispatch) {
  TRY(dispatch.action, name_at(payload, "action"));
  const json* number = at(payload, "pull_request.number");
  if (number == nullptr || !number->is_number_unsigned() || number->get<std::uint64_t>() > 1'000'000'000 ||
      *number == 0) {
    return missing("pull_request.number", "the number of a pull request");
  }
  dispatch.pull_request = number->get<std::int64_t>();
  TRY(dispatch.sha, sha_at(payload, "pull_request.head.sha"));
  TRY(dispatch.base, sha_at(payload, "pull_request.base.sha"));
  dispatch.asked_for = has_label(payload);
  return {};
}

Result<void> read_push(const json& payload, Dispatch& dispatch) {
  TRY(dispatch.ref, name_at(payload, "ref"));
  TRY(dispatch.sha, sha_at(payload, "after"));
  if (dispatch.sha.find_first_not_of('0') == std::string::npos) dispatch.sha.clear();
  return {};
}

Result<void> check_upstream(const Dispatch& dispatch, const DispatchRules& rules) {
  if (std::find(rules.upstreams.begin(), rules.upstreams.end(), dispatch.upstream) != rules.upstreams.end()) return {};
  return fail(
      ErrorKind::invalid,
      fmt::format("the dispatch is about '{}', which is not one of the upstream repositories", dispatch.upstream),
      fmt::format("relay.upstreams names {}", join(rules.upstreams, ", ")));
}

json run_json(const RunOrder& run) {
  json selection = run.stage.empty() ? json{{"impact", {{"base", run.base}}}} : json{{"stage", run.stage}};
  return {{"revision", run.revision}, {"sha", run.sha}, {"select", std::move(selection)}, {"priority", run.priority}};
}

}  // namespace

Result<Dispatch> read_dispatch(const ClientPayload& payload, const DispatchRules& rules) {
  const json event = json::parse(payload.payload);  // valid: it was checked with the rest
  Dispatch dispatch;
  dispatch.delivery_id = payload.delivery_id;
  dispatch.event_type = payload.event_type;
  TRY(dispatch.upstream, name_at(event, "repository.full_name"));
  CHECK_OK(check_upstream(dispatch, rules));
  CHECK_OK(payload.event_type == "push" ? read_push(event, dispatch) : read_pull_request(event, dispatch));
  return dispatch;
}

std::optional<RunOrder> order_run(const Dispatch& dispatch, const DispatchRules& rules, std::string& why) {
  if (dispatch.action == "closed") {
    why = fmt::format("pull request {} was closed", dispatch.pull_request);
    return std::nullopt;
  }
  if (dispatch.sha.empty()) {
    why = fmt::format("{} was deleted", dispatch.ref);
    return std::nullopt;
  }
  RunOrder run;
  run.sha = dispatch.sha;
  if (dispatch.pull_request == 0) {
    run.revision = dispatch.sha;
    run.stage = rules.push;
    run.priority = "low";
    return run;
  }
  run.revision = fmt::format("pr/{}", dispatch.pull_request);
  if (rules.pull_request == "impact") {
    run.base = dispatch.base;
  } else {
    run.stage = rules.pull_request;
  }
  run.priority = dispatch.asked_for ? "high" : "normal";
  return run;
}

std::string_view name(Decision decision) {
  return decision_names[static_cast<std::size_t>(decision)];
}

json to_json(const Accepted& accepted) {
  const Dispatch& dispatch = accepted.dispatch;
  json document{{"schema", schema_id("dispatch")},   {"decision", name(accepted.decision)},
                {"reason", accepted.reason},         {"delivery_id", dispatch.delivery_id},
                {"event_type", dispatch.event_type}, {"upstream", dispatch.upstream},
                {"pull_request", nullptr},           {"run", nullptr},
                {"supersedes", accepted.supersedes}};
  if (dispatch.pull_request != 0) document["pull_request"] = dispatch.pull_request;
  if (accepted.run) document["run"] = run_json(*accepted.run);
  return document;
}

}  // namespace spyre::relay
