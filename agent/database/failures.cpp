// SPDX-License-Identifier: Apache-2.0
#include "agent/database/failures.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace spyre::database {
namespace {

struct Row {
  std::string_view prefix;  // a whole state, or the class that its first two characters name
  Meaning meaning;
};

constexpr Meaning refused{ErrorKind::io, "check that the database exists and that the user may connect to it"};
constexpr Meaning repeat{ErrorKind::busy, "another process is writing to it; try again"};
constexpr Meaning defect{ErrorKind::internal, {}};

// The first row that fits counts.
constexpr std::array<Row, 16> meanings{{
    {"55P03", repeat},  // lock_not_available: lock_timeout is over
    {"40", repeat},     // serialization_failure, deadlock_detected
    {"08", connection_lost},
    {"57P01", connection_lost},  // admin_shutdown
    {"57P02", connection_lost},  // crash_shutdown
    {"57P03", connection_lost},  // cannot_connect_now
    {"57P05", connection_lost},  // idle_session_timeout
    {"25P03", connection_lost},  // idle_in_transaction_session_timeout
    {"28", refused},             // no such role, wrong password
    {"3D000", refused},          // no such database
    {"42501", {ErrorKind::io, "grant the user the right to read and write the tables"}},
    {"25006", {ErrorKind::io, "the server only reads: give the address of the primary server"}},
    {"53", {ErrorKind::io, "free disk space, memory or connections on the server"}},
    {"XX", {ErrorKind::invalid, "the server found damaged data: see its log"}},
    {"23", defect},  // unique_violation and other constraints: expected conflicts use ON CONFLICT
    {"42", defect},  // wrong SQL
}};

bool is_state_character(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0 || std::isupper(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

std::string_view sqlstate_in(std::string_view text) {
  // "… Severity: FEHLER State: 55P03 Detail: …": the texts around the state may quote anything.
  constexpr std::string_view before = " State: ", after = " Detail: ";
  constexpr std::size_t length = 5;
  for (std::size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    const std::string_view rest = text.substr(at + before.size());
    const std::string_view state = rest.substr(0, length);
    if (state.size() == length && std::all_of(state.begin(), state.end(), is_state_character) &&
        rest.substr(length).starts_with(after)) {
      return state;
    }
  }
  return {};
}

Meaning meaning_of_sqlstate(std::string_view state) {
  const auto* const row =
      std::find_if(meanings.begin(), meanings.end(), [&](const Row& each) { return state.starts_with(each.prefix); });
  return row == meanings.end() ? Meaning{ErrorKind::io, "check the state of the server and the rights of the user"}
                               : row->meaning;
}

}  // namespace spyre::database
