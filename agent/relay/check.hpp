// SPDX-License-Identifier: Apache-2.0
// Checks of the connection to the relay that do not send a result, and a prediction of what would happen to one.
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
  std::string detail, remedy;  // the remedy is empty for a good finding
};

// Check whether the relay's server is reachable, and how much its clock differs from this machine's. Sends no token.
// Pure except for the transport.
std::vector<Finding> check_reach(const http::Url& url, http::Transport& transport, const Clock& clock);
// Check whether the source provides a token, and whether the relay would accept it for this repository.
Finding check_token(const Result<std::unique_ptr<TokenSource>>& source, const std::string& repository,
                    const Clock& clock);
// Determine what the relay does with results of this repository, from the text of its allow-list (YAML, keys L1 to L4).
Finding check_level(std::string_view allow_list, std::string_view origin, const std::string& repository);

}  // namespace spyre::relay
