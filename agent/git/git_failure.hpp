// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/core/result.hpp"
#include "agent/git/address.hpp"
#include "agent/git/git_program.hpp"

namespace spyre::git {

// Return the error that a failed git program means, without credentials. `what` begins the message: "cannot fetch
// main". Kinds: not_found (no such ref or commit there), invalid (not a repository), infra (network, credentials, a
// server that does not respond, anything else), io (a full disk), interrupted (a signal ended it).
Error git_failure(std::string_view what, const GitProgram::Outcome& outcome, const Address& address);

// Return whether the server, an old one, serves only branches and tags and no commit by its SHA.
bool refuses_shas(const GitProgram::Outcome& outcome);

}  // namespace spyre::git
