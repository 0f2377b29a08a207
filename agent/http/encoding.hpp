// SPDX-License-Identifier: Apache-2.0
// Encodes text for URLs, forms and headers.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace spyre::http {

// Encode one part of a path or a query: everything except letters, digits, '-', '_', '.' and '~' is escaped.
std::string percent_encoded(std::string_view text);
// Encode names and values for a form or a query: a=1&b=%26.
std::string form(const std::map<std::string, std::string>& values);

// Return the value of the header `Authorization` for a user with a token or password.
std::string basic_authorization(std::string_view user, std::string_view token);

}  // namespace spyre::http
