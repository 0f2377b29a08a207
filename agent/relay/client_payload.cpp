// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/client_payload.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/relay/raw_json.hpp"

namespace spyre::relay {
namespace {

constexpr std::size_t name_limit = 255;
constexpr std::string_view whole_hint =
    "give the dispatch as it came: the file that $GITHUB_EVENT_PATH names, or its client_payload";

Result<std::string_view> raw(const std::vector<RawMember>& members, std::string_view name, std::string_view origin) {
  if (const RawMember* member = find_member(members, name)) return member->value;
  return fail(ErrorKind::invalid, fmt::format("{}: \"{}\" is missing", origin, name), std::string(whole_hint));
}

Result<std::string> text_of(const std::vector<RawMember>& members, std::string_view name, std::string_view origin) {
  TRY(const std::string_view value, raw(members, name, origin));
  const auto parsed = nlohmann::json::parse(value);
  if (parsed.is_string() && is_name(parsed.get_ref<const std::string&>())) return parsed.get<std::string>();
  return fail(ErrorKind::invalid, fmt::format("{}: \"{}\" is {}, not a short text", origin, name, shorten(value, 60)),
              std::string(whole_hint));
}

Result<void> check_event_type(const std::string& type, std::string_view origin) {
  if (type == "pull_request" || type == "push") return {};
  return fail(ErrorKind::invalid, fmt::format("{}: the relay does not dispatch the event_type '{}'", origin, type),
              "pull_request and push are dispatched; a nightly or periodic job reports with --nightly or --periodic");
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_limit && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
  });
}

bool is_sha(std::string_view text) {
  return is_commit_id(text) && text == lower(text);
}

Result<ClientPayload> read_client_payload(std::string_view text, std::string_view origin) {
  TRY(auto members, split_object(text, origin));
  std::string place(origin);
  std::string_view whole = trim(text.substr(std::min(text.find('{'), text.size())));
  if (const RawMember* inner = find_member(members, "client_payload")) {
    whole = inner->value;
    place += ": client_payload";
    TRY(members, split_object(whole, place));
  }
  if (find_member(members, "workflow") != nullptr) {
    return fail(ErrorKind::invalid, fmt::format("{}: it already contains a \"workflow\"", place),
                "give the dispatch as it came, not the body of a callback");
  }
  ClientPayload payload;
  payload.text = whole;
  TRY(payload.event_type, text_of(members, "event_type", place));
  CHECK_OK(check_event_type(payload.event_type, place));
  TRY(payload.delivery_id, text_of(members, "delivery_id", place));
  TRY(payload.payload, raw(members, "payload", place));
  if (payload.payload.front() == '{') return payload;
  return fail(ErrorKind::invalid, fmt::format("{}: \"payload\" is not an object", place), std::string(whole_hint));
}

Result<ClientPayload> undispatched(std::string_view event_type, const std::string& sha) {
  if (!is_sha(sha)) {
    return fail(ErrorKind::usage, fmt::format("--{} {}: this is not the SHA of a commit", event_type, shorten(sha, 60)),
                "give all 40 hexadecimal digits, in lower case");
  }
  ClientPayload payload;
  payload.event_type = event_type;
  payload.delivery_id = sha;
  payload.payload = fmt::format(R"({{"head_sha":"{}"}})", sha);
  payload.text =
      fmt::format(R"({{"event_type":"{}","delivery_id":"{}","payload":{}}})", event_type, sha, payload.payload);
  return payload;
}

bool is_undispatched(const ClientPayload& payload) {
  return payload.event_type == "nightly" || payload.event_type == "periodic";
}

}  // namespace spyre::relay
