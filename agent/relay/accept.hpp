// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/relay/dispatch.hpp"

namespace spyre::relay {

// Remembers which deliveries were accepted, in the file of the outbox: GitHub delivers the same one again.
class Acceptor {
 public:
  // Error: io, busy, invalid (not an outbox).
  static Result<Acceptor> open(const std::filesystem::path& path, DispatchRules rules);

  // Checks a dispatch, as read_client_payload takes it, and decides. A delivery is accepted once, whoever asks; an
  // accepted one of a pull request supersedes all earlier ones of it. Error: invalid (not such a dispatch), io, busy.
  Result<Accepted> accept(std::string_view text, std::string_view origin, SystemTime now);

 private:
  Acceptor(database::Connection connection, DispatchRules rules)
      : m_connection(std::move(connection)), m_rules(std::move(rules)) {}
  Result<void> remember(Accepted& accepted, SystemTime now);

  database::Connection m_connection;
  DispatchRules m_rules;
};

}  // namespace spyre::relay
