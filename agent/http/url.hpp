// SPDX-License-Identifier: Apache-2.0
// Where a token may be sent, and by which way.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent/core/result.hpp"

namespace spyre::http {

using Environment = std::map<std::string, std::string>;

struct Url {
  bool secure = true;
  bool loopback = false;  // localhost, 127.0.0.0/8 or ::1
  std::string host;
  std::uint16_t port = 443;
  std::string path;  // with the query
};

// Plain http is taken for loopback alone, unless `force_http`. Error: usage (no URL, another scheme, http, a user or a
// fragment in it).
Result<Url> parse_url(const std::string& text, bool force_http = false);

struct Proxy {
  std::string host;
  std::uint16_t port = 3128;
  std::string user, password;
};

// The proxy that the environment names for this URL: https_proxy, HTTPS_PROXY or, for http, http_proxy, unless no_proxy
// or NO_PROXY names the host, a domain that it is in, or "*". Never for loopback.
// Error: config (a proxy that is no http:// URL); the message holds no password.
Result<std::optional<Proxy>> proxy_for(const Url& url, const Environment& environment);

}  // namespace spyre::http
