// SPDX-License-Identifier: Apache-2.0
#include "agent/database/migrations.hpp"

#include <string>

#include <fmt/format.h>

namespace spyre::database {
namespace {

std::string filled_in(std::string_view statement, EngineKind engine) {
  constexpr std::string_view mark = "{keyed}";
  std::string sql(statement);
  if (const std::size_t at = sql.find(mark); at != std::string::npos) {
    sql.replace(at, mark.size(), engine == EngineKind::sqlite ? "WITHOUT ROWID" : "");
  }
  return sql;
}

Result<std::int64_t> known_version(Connection& connection, std::span<const Migration> migrations) {
  TRY(const std::int64_t version, connection.schema_version());
  if (version <= static_cast<std::int64_t>(migrations.size())) return version;
  const Owner& owner = connection.owner();
  return fail(
      ErrorKind::invalid,
      fmt::format("{} {} has schema version {}; this program knows versions up to {}", owner.noun, connection.name(),
                  version, migrations.size()),
      fmt::format("use the newer spyre-ci that wrote it, or give another {} with {}", owner.noun, owner.setting));
}

Result<void> apply(Connection& connection, const Migration& migration) {
  const EngineKind engine = connection.engine();
  for (const std::string_view statement : migration.statements) {
    CHECK_OK(connection.run(filled_in(statement, engine)));
  }
  for (const std::string_view statement : engine == EngineKind::sqlite ? migration.sqlite : migration.postgresql) {
    CHECK_OK(connection.run(filled_in(statement, engine)));
  }
  return {};
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const Migration> migrations) {
  return migrate(connection, migrations, static_cast<std::int64_t>(migrations.size()));
}

Result<void> migrate(Connection& connection, std::span<const Migration> migrations, std::int64_t target) {
  TRY(const std::int64_t found, known_version(connection, migrations));
  if (found >= target) return {};
  TRY(Transaction transaction, Transaction::begin(connection));
  CHECK_OK(connection.lock_schema());
  // Another process may have migrated meanwhile.
  TRY(std::int64_t version, known_version(connection, migrations));
  for (; version < target; ++version) {
    CHECK_OK(apply(connection, migrations[static_cast<std::size_t>(version)]));
    CHECK_OK(connection.set_schema_version(version + 1));
  }
  return transaction.commit();
}

}  // namespace spyre::database
