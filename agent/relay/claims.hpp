// SPDX-License-Identifier: Apache-2.0
// What a JSON Web Token (RFC 7519) says of itself. Its signature is the relay's business; what it says is looked at
// here, so that a wrong token is refused with a reason instead of with 401, or silently.
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
  std::string issuer, repository;  // empty: not said
  std::vector<std::string> audiences;
  std::optional<std::int64_t> expires;  // seconds since 1970
};

// Error: infra (not a JWT: perhaps it is being written right now). Messages hold nothing of the token.
Result<Claims> read_claims(std::string_view token);

// Whether the relay can take it from this repository. Error: infra (expired, or about to: a fresh one will do), invalid
// (another audience, issuer or repository: no token of this kind will ever do).
Result<void> check_claims(const Claims& claims, const std::string& repository, SystemTime now);

}  // namespace spyre::relay
