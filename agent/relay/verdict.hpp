// SPDX-License-Identifier: Apache-2.0
// The triage verdict: why a job ended as it did, in the relay's format.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::relay {

// Check a verdict {schema_version: 1, category, confidence, summary} against the relay's rules, and return it as one
// line of JSON with all its other members. The relay drops a verdict that breaks one rule. `origin` names it in errors.
// Error: invalid (a field is missing or unknown to the relay, more than 16 KB).
Result<std::string> check_verdict(std::string_view text, std::string_view origin);

// Build a verdict. `category`: upstream, backend, infra, flake or unknown; `confidence`: high, medium or low. A long
// summary is cut.
std::string make_verdict(std::string_view category, std::string_view confidence, std::string_view summary);

}  // namespace spyre::relay
