// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::relay {
namespace {

constexpr std::array<std::string_view, 5> state_names{"waiting", "delivered", "probably_delivered", "lost", "dead"};
constexpr int growth = 20;
constexpr int attempts_for_all = 3;

// Quote a response of an unknown server as one short line.
std::string quoted(const http::Response& response) {
  std::string text = valid_utf8(trim(response.body));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text.empty() ? fmt::format("{}", response.status) : fmt::format("{} {}", response.status, shorten(text, 300));
}

bool says(const http::Response& response, std::string_view words) {
  return lower(response.body).find(words) != std::string::npos;
}

Judgement again(std::string reason) {
  return {State::waiting, true, false, std::move(reason)};
}

Judgement dead(bool may_have_arrived, std::string reason) {
  return {State::dead, may_have_arrived, false, std::move(reason)};
}

Judgement judge_success(const http::Response& response) {
  const auto reply = parse_json_or_discard(response.body);
  const auto is = [&](const char* key, const nlohmann::json& value) {
    return reply.is_object() && reply.contains(key) && reply[key] == value;
  };
  if (is("status", "ignored")) {
    return {State::lost, true, false,
            "the relay ignored it: the repository is not on its allow-list at L2 or above, or is spelled differently "
            "there"};
  }
  if (is("status", "duplicate")) return {State::delivered, true, false, {}};
  if (!is("ok", true)) return again(fmt::format("not a response of the relay: {}", quoted(response)));
  if (is("status", "in_progress") || is("status", "completed")) return {State::delivered, true, false, {}};
  return {State::probably_delivered, true, false, fmt::format("an unknown response: {}", quoted(response))};
}

Judgement judge_conflict(const Before& before, const http::Response& response) {
  // Without an in_progress, the relay refuses every completed: then this is no evidence about the earlier attempt.
  if (before.may_have_arrived && before.is_begun) {
    return {State::probably_delivered, true, false,
            "the relay has it from an attempt without a response; HUD may have missed it"};
  }
  return dead(before.may_have_arrived,
              fmt::format("{}: the relay has this job in another state: reported by another client, never begun, or "
                          "closed after 6 h",
                          quoted(response)));
}

std::string meaning(const http::Response& response) {
  switch (response.status) {
    case 401:
      return "the token is refused: expired, of another audience, or of an unknown issuer";
    case 403:
      return "the token's pipeline is not mapped to a repository";
    case 404:
    case 405:
      return "there is no relay at this URL";
    default:
      if (says(response, "no matching dispatch record")) return "the relay never dispatched this delivery";
      return response.status == 400 ? "the relay refused it" : "HUD refused it";
  }
}

}  // namespace

std::string_view name(State state) {
  return state_names[static_cast<std::size_t>(state)];
}

Judgement judge(const Before& before, const http::Reply& reply) {
  const bool may_have_arrived = before.may_have_arrived;
  if (!reply) {
    const bool arrived = may_have_arrived || reply.error().may_have_arrived;
    return {State::waiting, arrived, false, fmt::format("no response: {}", reply.error().reason)};
  }
  const http::Response& response = *reply;
  const int status = response.status;
  if (status == 200) return judge_success(response);
  if (status == 429) return {State::waiting, may_have_arrived, true, "the relay reports too many calls (429)"};
  if (status >= 500 || (status >= 201 && status < 300)) return again(quoted(response));
  if (status >= 300 && status < 400) {
    return dead(may_have_arrived, fmt::format("redirected to '{}'; redirects are not followed",
                                              shorten(valid_utf8(response.location), 200)));
  }
  if (status == 409 || (status == 400 && says(response, "invalid state transition"))) {
    return judge_conflict(before, response);
  }
  if (status == 408) return again(quoted(response));
  // The relay calls HUD after it has stored the message.
  const bool is_huds = status != 400 && status != 401 && status != 403 && status != 404 && status != 405;
  return dead(may_have_arrived || is_huds, fmt::format("{}: {}", quoted(response), meaning(response)));
}

Seconds backoff(int attempts, Seconds first, double random) {
  Seconds wait = first;
  for (int i = 1; i < attempts && wait < longest_backoff(first); ++i) wait *= 2;
  return std::min(wait, longest_backoff(first)) * (0.5 + random / 2);
}

Seconds longest_backoff(Seconds first) {
  return first * growth;
}

bool is_hopeless(Seconds age, int attempts, Seconds give_up) {
  return age >= give_up && attempts >= attempts_for_all;
}

}  // namespace spyre::relay
