// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its response. What matters when there is none: may the other side have got the request?
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
  std::string content_type = "application/json";  // of a body that is not empty
};

struct Response {
  int status = 0;
  std::string body;         // no more of it than the client's limit
  std::string date;         // the header, as sent
  std::string location;     // of a redirect, which is never followed: it would carry the token elsewhere
  std::string cookie = {};  // the first Set-Cookie
  bool is_whole = true;     // the body had an end before the limit
};

struct TransportError {
  bool may_have_arrived = false;  // false: the request was not sent, not a part of it
  std::string reason;             // for people; holds no secret
};

using Reply = tl::expected<Response, TransportError>;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Reply exchange(const Request& request) = 0;
  // From any thread: what is under way ends at once without an response (while it connects: when it has), and so does
  // whatever comes later.
  virtual void abandon() {}
};

}  // namespace spyre::http
