// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/relay/dispatch.hpp"

namespace spyre::relay {

// Remembers accepted deliveries in the outbox file, because GitHub can deliver the same one again.
class Acceptor {
 public:
  // Error: io, busy, invalid (not an outbox).
  static Result<Acceptor> open(const std::filesystem::path& path, DispatchRules rules);

  // Check a dispatch, in the format of read_client_payload, and decide what to do. A delivery is accepted once, for all
  // processes. An accepted delivery of a pull request supersedes all its earlier ones. Error: invalid (not such a
  // dispatch), io, busy.
  Result<Accepted> accept(std::string_view text, std::string_view origin, SystemTime now);

 private:
  Acceptor(database::Connection connection, DispatchRules rules)
      : m_connection(std::move(connection)), m_rules(std::move(rules)) {}
  Result<void> remember(Accepted& accepted, SystemTime now);

  database::Connection m_connection;
  DispatchRules m_rules;
};

}  // namespace spyre::relay
