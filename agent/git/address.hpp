// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::git {

// Where a repository is: a local path, or a location that a transfer can fetch from.
struct Address {
  bool local = false;                // a path: read in place
  std::string location;              // the input of a transfer; may hold credentials: never show or store it
  std::string shown;                 // without credentials: for people, logs and files
  std::string user, password;        // of the URL, percent-decoded; may be empty
  std::vector<std::string> secrets;  // texts that must not be shown
};

// Parse the address of a repository. Allowed are paths, URLs of https, http, ssh, git and file, and scp-like
// "host:path". Everything else is refused, above all texts that git would take for an option ("-u…") or for a program
// to run ("ext::…"). Error: usage; its message holds no credentials.
Result<Address> parse_address(const std::string& repo);

// Return the text without the parts that must not be shown.
std::string redact(std::string_view text, const Address& address);

}  // namespace spyre::git
