// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/core/result.hpp"
#include "agent/git/address.hpp"
#include "agent/git/git_program.hpp"

namespace spyre::git {

// What a failed git program means, without credentials. `what` begins the message: "cannot fetch main".
// Kinds: not_found (no such ref or commit there), invalid (no repository there), infra (network, credentials, a server
// that does not answer, anything else), io (a full disk), interrupted (a signal ended it).
Error git_failure(std::string_view what, const GitProgram::Outcome& outcome, const Address& address);

// Whether the server, an old one, gives out branches and tags only and no commit by its SHA.
bool refuses_shas(const GitProgram::Outcome& outcome);

}  // namespace spyre::git
