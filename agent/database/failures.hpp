// SPDX-License-Identifier: Apache-2.0
// The meaning of PostgreSQL's failures. For this directory only.
#pragma once

#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::database {

struct Meaning {
  ErrorKind kind = ErrorKind::io;
  std::string_view hint{};
};

// Return the SQLSTATE in an exception's text, or "" if there is none. The library adds it to failures of execution, in
// every language of the server, but not to failures of preparation.
std::string_view sqlstate_in(std::string_view text);

// Return what an SQLSTATE says about retries and remedies. busy: the same transaction may succeed when it is repeated.
// https://www.postgresql.org/docs/15/errcodes-appendix.html
Meaning meaning_of_sqlstate(std::string_view state);

inline constexpr Meaning connection_lost{ErrorKind::io, "the server closed the connection; try again when it runs"};

}  // namespace spyre::database
