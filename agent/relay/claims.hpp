// SPDX-License-Identifier: Apache-2.0
// The claims of a JSON Web Token (RFC 7519). The relay verifies the signature. The claims are checked here, so that a
// wrong token is refused with a reason instead of with 401, or silently.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::relay {

inline constexpr std::string_view audience = "pytorch-cross-repo-ci-relay";
inline constexpr std::string_view github_issuer = "https://token.actions.githubusercontent.com";
inline constexpr std::string_view buildkite_issuer = "https://agent.buildkite.com";

struct Claims {
  std::string issuer, repository;  // empty: missing
  std::vector<std::string> audiences;
  std::optional<std::int64_t> expires;  // seconds since 1970
};

// Read the claims of a token. Error: infra (not a JWT: perhaps it is being written right now). Messages do not contain
// any part of the token.
Result<Claims> read_claims(std::string_view token);

// Check whether the relay can accept the token from this repository. Error: infra (expired, or about to expire: a fresh
// token helps), invalid (another audience, issuer or repository: no token from this source will work).
Result<void> check_claims(const Claims& claims, const std::string& repository, SystemTime now);

}  // namespace spyre::relay
