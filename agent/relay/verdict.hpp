// SPDX-License-Identifier: Apache-2.0
// Why a job ended as it did, in the relay's words: a triage verdict.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::relay {

// Checks a verdict {schema_version: 1, category, confidence, summary} against the relay's rules, of which one broken
// makes it drop everything, and gives it back as one line of JSON, with whatever else is in it. `origin` names it in
// errors. Error: invalid (a field is missing or unknown to the relay, more than 16 KB).
Result<std::string> check_verdict(std::string_view text, std::string_view origin);

// `category`: upstream, backend, infra, flake or unknown; `confidence`: high, medium or low. The summary is cut when
// it is long.
std::string make_verdict(std::string_view category, std::string_view confidence, std::string_view summary);

}  // namespace spyre::relay
