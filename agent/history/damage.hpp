// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/database/connection.hpp"

namespace spyre::history {

// Return the error of a history in which `row` refers to a missing row of `table`.
tl::unexpected<Error> missing_row(const database::Connection& connection, std::string_view table, std::string_view row);

}  // namespace spyre::history
