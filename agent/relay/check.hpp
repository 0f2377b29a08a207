// SPDX-License-Identifier: Apache-2.0
// What can be tried without sending a result, and what would happen if one was sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/http/message.hpp"
#include "agent/relay/token.hpp"

namespace spyre::relay {

struct Finding {
  enum class State { good, doubtful, bad };
  std::string what;
  State state = State::good;
  std::string detail, remedy;  // of what is good there is no remedy
};

// Whether the relay's server can be reached, and how its clock and this machine's differ. Sends no token. Pure but for
// the transport.
std::vector<Finding> check_reach(const http::Url& url, http::Transport& transport, const Clock& clock);
// Whether the source gives a token, and whether the relay would take it for this repository.
Finding check_token(const Result<std::unique_ptr<TokenSource>>& source, const std::string& repository,
                    const Clock& clock);
// What the relay does with results of this repository, by the text of its allow-list (YAML, keys L1 to L4).
Finding check_level(std::string_view allow_list, std::string_view origin, const std::string& repository);

}  // namespace spyre::relay
