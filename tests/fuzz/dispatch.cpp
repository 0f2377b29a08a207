// SPDX-License-Identifier: Apache-2.0
// What strangers send: dispatches, tokens, URLs, answers. Whatever the bytes are, the readers end, and what is taken as
// a dispatch can be echoed: the body is the dispatch as it came, with the workflow at its end, and is valid JSON.
#include "agent/relay/dispatch.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/relay/callback.hpp"
#include "agent/relay/claims.hpp"
#include "agent/relay/command.hpp"
#include "agent/relay/raw_json.hpp"
#include "agent/relay/rules.hpp"
#include "agent/relay/verdict.hpp"

namespace {

using namespace spyre::relay;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_echo(const ClientPayload& payload) {
  Callback callback;
  callback.status = Status::completed;
  callback.job = {"a/b", "1", "1", "w", "j", "7"};
  callback.conclusion = Conclusion::success;
  const auto body = make_body(callback, payload, "details");
  require(body.has_value());
  const std::string_view echoed = std::string_view(payload.text).substr(0, payload.text.size() - 1);
  require(body->text.starts_with(echoed));
  const auto json = nlohmann::json::parse(body->text, nullptr, false);
  require(json.is_object() && json["workflow"]["job_name"] == "j" && json["delivery_id"] == payload.delivery_id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto members = split_object(text, "x")) {
    const auto json = nlohmann::json::parse(text);
    require(json.size() == members->size());
    for (const RawMember& member : *members) require(nlohmann::json::parse(member.value) == json[member.name]);
  }
  if (const auto payload = read_client_payload(text, "x")) {
    check_echo(*payload);
    const DispatchRules rules{{"pytorch/pytorch"}, "impact", "1"};
    std::string why;
    if (const auto dispatch = read_dispatch(*payload, rules)) order_run(*dispatch, rules, why);
  }
  static_cast<void>(check_verdict(text, "x"));
  static_cast<void>(read_claims(text));
  static_cast<void>(split_words(text));
  static_cast<void>(parse_callback_url(text));
  static_cast<void>(spyre::http::proxy_for(spyre::http::Url{}, {{"https_proxy", text}, {"no_proxy", text}}));
  static_cast<void>(judge({}, spyre::http::Response{size > 0 ? 200 + data[0] * 2 : 0, text, "", text}));
  return 0;
}
