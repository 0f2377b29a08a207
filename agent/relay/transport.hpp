// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer. What matters when there is none: may the other side have got the request?
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "agent/relay/url.hpp"

namespace spyre::relay {

struct Request {
  std::string method = "POST";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // with Content-Type: application/json, unless empty
};

struct Answer {
  int status = 0;
  std::string body;      // no more than the first 64 KiB
  std::string date;      // the header, as sent
  std::string location;  // of a redirect, which is never followed
};

struct NoAnswer {
  bool may_have_arrived = false;  // false: the request was not sent, not a part of it
  std::string reason;             // for people; holds no secret
};

using Reply = tl::expected<Answer, NoAnswer>;

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Reply exchange(const Request& request) = 0;
};

}  // namespace spyre::relay
