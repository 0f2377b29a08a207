// SPDX-License-Identifier: Apache-2.0
// Where a token may be sent, and through which proxy.
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

// Parse a URL. Plain http is accepted only for loopback, unless `force_http`. Error: usage (invalid URL, another
// scheme, http, a user or a fragment).
Result<Url> parse_url(const std::string& text, bool force_http = false);

struct Proxy {
  std::string host;
  std::uint16_t port = 3128;
  std::string user, password;
};

// Return the proxy that the environment defines for this URL: https_proxy, HTTPS_PROXY or, for http, http_proxy, unless
// no_proxy or NO_PROXY has the host, one of its parent domains, or "*". Loopback never uses a proxy. Error: config (the
// proxy is not an http:// URL); the message does not contain the password.
Result<std::optional<Proxy>> proxy_for(const Url& url, const Environment& environment);

}  // namespace spyre::http
