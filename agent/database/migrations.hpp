// SPDX-License-Identifier: Apache-2.0
// Upgrades of a database's tables to the newest schema.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace spyre::database {

// The step from one version of a schema to the next. A released migration is never edited.
struct Migration {
  // For every engine. "{keyed}" goes after a CREATE TABLE whose rows are looked up by a primary key of several columns.
  std::vector<std::string_view> statements;
  // Run afterwards, for one engine only.
  std::vector<std::string_view> sqlite{}, postgresql{};
};

// Bring the schema up to date in one transaction; safe when several processes do it at once. migrations[n] makes
// version n + 1 out of version n. Error: invalid (a newer schema than this program knows), busy, io.
Result<void> migrate(Connection& connection, std::span<const Migration> migrations);
// Migrate up to a version: for tests of later migrations.
Result<void> migrate(Connection& connection, std::span<const Migration> migrations, std::int64_t target);

}  // namespace spyre::database
