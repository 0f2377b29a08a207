// SPDX-License-Identifier: Apache-2.0
// Text as it stands in URLs, forms and headers.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace spyre::http {

// One part of a path or a query: all but letters, digits, '-', '_', '.' and '~' is escaped.
std::string percent_encoded(std::string_view text);
// a=1&b=%26: names and values for a form or a query.
std::string form(const std::map<std::string, std::string>& values);

// The header `Authorization` for a user with a token or password.
std::string basic_authorization(std::string_view user, std::string_view token);

}  // namespace spyre::http
