// SPDX-License-Identifier: Apache-2.0
// Messages of attempts. Each text is stored once: thousands of skipped cases share a reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace spyre::history {

// Return text that every database accepts: valid UTF-8 without NUL.
std::string clean_text(std::string_view text);
// Return the name of a case or unit as it is stored: clean, and cut when it is too long for an index.
std::string clean_name(std::string_view name);

class Messages {
 public:
  // Add a text and return a handle for id(). Equal texts have equal handles; the handle of an empty text is 0. Long
  // texts are cut.
  std::int64_t add(std::string_view text);
  // Look up the texts and add the new ones. Error: as database::Connection::run.
  Result<void> save(database::Connection& connection);
  // Return the id in the database, after save(); 0 for an empty text.
  std::int64_t id(std::int64_t handle) const { return m_ids[static_cast<std::size_t>(handle)]; }

 private:
  Result<void> look_up(database::Connection& connection, const std::vector<std::size_t>& handles);

  std::unordered_map<std::string, std::int64_t> m_handles;
  std::vector<std::string> m_texts{{}};  // by handle
  std::vector<std::int64_t> m_ids;       // by handle
};

}  // namespace spyre::history
