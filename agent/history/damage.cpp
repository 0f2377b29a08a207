// SPDX-License-Identifier: Apache-2.0
#include "agent/history/damage.hpp"

#include <fmt/format.h>

namespace spyre::history {

tl::unexpected<Error> missing_row(const database::Connection& connection, std::string_view table,
                                  std::string_view row) {
  return fail(
      ErrorKind::invalid,
      fmt::format("history {} is damaged: {} refers to a row of {} that is missing", connection.name(), row, table),
      "restore a backup, or move it away and import the run directories into a new one");
}

}  // namespace spyre::history
