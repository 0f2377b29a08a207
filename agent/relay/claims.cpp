// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/claims.hpp"

#include <algorithm>
#include <sstream>

#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>
#include <Poco/Exception.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/relay/raw_json.hpp"

namespace spyre::relay {
namespace {

constexpr std::size_t token_limit = 16'384;
constexpr std::int64_t margin = 5;  // seconds of remaining validity that make sending worthwhile

tl::unexpected<Error> not_a_token(std::string_view why) {
  return fail(ErrorKind::infra, fmt::format("the token source does not provide a JWT: {}", why),
              "`spyre-ci relay check` checks a source without showing the token");
}

bool is_base64url(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::string decoded(std::string_view base64url) {
  std::istringstream in{std::string(base64url)};
  Poco::Base64Decoder decoder(in, Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING);
  return {std::istreambuf_iterator<char>(decoder), {}};
}

std::optional<std::int64_t> time_of(const nlohmann::json& claims, const char* key) {
  const auto found = claims.find(key);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds > 0 && seconds < 1e12)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

std::vector<std::string> audiences_of(const nlohmann::json& claims) {
  std::vector<std::string> audiences;
  const auto found = claims.find("aud");
  if (found == claims.end()) return audiences;
  for (const auto& each : found->is_array() ? *found : nlohmann::json::array({*found})) {
    if (each.is_string()) audiences.push_back(each.get<std::string>());
  }
  return audiences;
}

std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? "none" : "'" + shorten(join(names, "', '"), 200) + "'";
}

}  // namespace

Result<Claims> read_claims(std::string_view token) {
  if (token.empty()) return not_a_token("it is empty");
  if (token.size() > token_limit) return not_a_token("it is too long");
  const auto parts = split(token, '.');
  if (parts.size() != 3 || !std::all_of(parts.begin(), parts.end(), is_base64url)) {
    return not_a_token("it does not have three parts of base64url");
  }
  try {
    const std::string text = decoded(parts[1]);
    if (!split_object(text, "claims", {token_limit, 20})) return not_a_token("its second part is not a JSON object");
    const auto json = nlohmann::json::parse(text);
    Claims claims;
    claims.issuer = string_member(json, "iss");
    claims.repository = string_member(json, "repository");
    claims.audiences = audiences_of(json);
    claims.expires = time_of(json, "exp");
    return claims;
  } catch (const Poco::Exception&) {
    return not_a_token("its second part is not base64url");
  }
}

Result<void> check_claims(const Claims& claims, const std::string& repository, SystemTime now) {
  if (std::find(claims.audiences.begin(), claims.audiences.end(), audience) == claims.audiences.end()) {
    return fail(ErrorKind::invalid, fmt::format("the token's audience is {}, not the relay", listed(claims.audiences)),
                fmt::format("ask for one with the audience {}", audience));
  }
  if (claims.issuer != github_issuer && claims.issuer != buildkite_issuer) {
    return fail(ErrorKind::invalid,
                fmt::format("the token's issuer '{}' is unknown to the relay", shorten(claims.issuer, 200)),
                fmt::format("the relay accepts tokens of {} and {}", github_issuer, buildkite_issuer));
  }
  // Buildkite's tokens have a pipeline instead, which the relay maps to a repository.
  const bool names_repository = claims.issuer == github_issuer || !claims.repository.empty();
  if (names_repository && claims.repository != repository) {
    return fail(
        ErrorKind::invalid,
        fmt::format("the token is for the repository '{}', not for '{}'", shorten(claims.repository, 200), repository),
        "both must be spelled as on the relay's allow-list, case included");
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (!claims.expires) return fail(ErrorKind::infra, "the token has no expiry time");
  if (*claims.expires > seconds + margin) return {};
  return fail(ErrorKind::infra,
              fmt::format("the token expired {} s ago", std::max<std::int64_t>(0, seconds - *claims.expires)),
              "its source must provide a fresh one each time; or this machine's clock is wrong");
}

}  // namespace spyre::relay
