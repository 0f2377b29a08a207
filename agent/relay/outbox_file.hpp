// SPDX-License-Identifier: Apache-2.0
// The SQLite file of messages and accepted dispatches. For this directory only.
#pragma once

#include <filesystem>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/relay/rate.hpp"

namespace spyre::relay {

// Makes a missing file and its directory. Error: io, busy, invalid (something else's file, or a newer schema).
Result<database::Connection> open_outbox_file(const std::filesystem::path& path);

Milliseconds milliseconds(SystemTime time);
inline Milliseconds milliseconds(Seconds seconds) {
  return static_cast<Milliseconds>(seconds.count() * 1000);
}

// What is settled for longer than this is forgotten.
inline constexpr Milliseconds kept = Milliseconds{30} * 24 * 3600 * 1000;

}  // namespace spyre::relay
