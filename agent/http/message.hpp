// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its response. For a missing response, the important question is whether the server may have
// received the request.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "agent/http/url.hpp"

namespace spyre::http {

struct Request {
  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type = "application/json";  // of a non-empty body
};

struct Response {
  int status = 0;
  std::string body;         // up to the client's limit
  std::string date;         // the header, as sent
  std::string location;     // of a redirect; not followed, because another server would get the token
  std::string cookie = {};  // the first Set-Cookie
  bool is_whole = true;     // the body ended before the limit
};

struct TransportError {
  bool may_have_arrived = false;  // false: no part of the request was sent
  std::string reason;             // for people; has no secrets
};

using Reply = tl::expected<Response, TransportError>;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Reply exchange(const Request& request) = 0;
  // Abort the current exchange, from any thread: it ends at once without a response (while connecting: after
  // connecting). Later exchanges end at once, too.
  virtual void abandon() {}
};

}  // namespace spyre::http
