// SPDX-License-Identifier: Apache-2.0
// The SQLite file of messages and accepted dispatches. Only for use in this directory.
#pragma once

#include <filesystem>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/relay/rate.hpp"

namespace spyre::relay {

// Open the file, and create it and its directory if they are missing. Error: io, busy, invalid (the file belongs to
// another program, or has a newer schema).
Result<database::Connection> open_outbox_file(const std::filesystem::path& path);

Milliseconds milliseconds(SystemTime time);
inline Milliseconds milliseconds(Seconds seconds) {
  return static_cast<Milliseconds>(seconds.count() * 1000);
}

// Settled messages are deleted after this time.
inline constexpr Milliseconds kept = Milliseconds{30} * 24 * 3600 * 1000;

}  // namespace spyre::relay
