// SPDX-License-Identifier: Apache-2.0
// How requests reach a controller: the one place that knows a network.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::jenkins {

struct Request {
  std::string method = "GET";
  std::string url;
  std::map<std::string, std::string> headers;
  std::string form;  // body of a POST, application/x-www-form-urlencoded
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Whatever status the other side answers with is a response. Error: io when there was no answer, invalid for a URL
  // that is none.
  virtual Result<Response> send(const Request& request) = 0;
};

// HTTP and HTTPS; certificates are checked against those that the system trusts. Redirections are not followed: they
// would carry the credentials elsewhere. `timeout` is for connecting and for each answer.
std::unique_ptr<Transport> make_transport(Seconds timeout);

}  // namespace spyre::jenkins
