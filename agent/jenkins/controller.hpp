// SPDX-License-Identifier: Apache-2.0
// A Jenkins controller, as far as a client needs one: start a build, see what became of it, end it, fetch a file of it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/http/message.hpp"

namespace spyre::jenkins {

struct Credentials {
  std::string user;         // empty: nobody in particular
  std::string token;        // an API token, or a password
  bool allow_http = false;  // they may go over plain http to other machines than this
};

// What waits in the queue.
struct QueueItem {
  bool cancelled = false;
  std::string why;        // what it waits for
  std::string build_url;  // empty: not started yet
};

struct Build {
  std::string url;
  long number = 0;
  bool building = true;
  std::string result;  // SUCCESS, UNSTABLE, FAILURE, NOT_BUILT or ABORTED; empty while it runs
};

class Controller {
 public:
  // `address` as controller_address() gives it. Every call is an error (config) when credentials would go over plain
  // http to another machine and may not.
  Controller(std::string address, Credentials credentials, http::Transport& transport);

  // Puts a build into the queue, and gives the item's address. Error: io, config (not allowed), not_found (no such
  // job), invalid (disabled, or not a parameter of it).
  Result<std::string> trigger(const std::string& job, const std::map<std::string, std::string>& parameters);
  // Error: io, config, not_found (items are forgotten some minutes after their start), invalid.
  Result<QueueItem> queue_item(const std::string& url);
  // Error: as queue_item.
  Result<Build> build(const std::string& url);
  // Takes the item out of the queue. What is not there any more is no error. Error: io, config.
  Result<void> cancel(const std::string& queue_url);
  // Asks a build to end. Error: io, config, not_found.
  Result<void> stop(const std::string& build_url);
  // Paths of the files that a build has kept. Error: io, config, not_found, invalid (a path that leads elsewhere).
  Result<std::vector<std::string>> artifacts(const std::string& build_url);
  // One of them. Error: io, config, not_found.
  Result<std::string> artifact(const std::string& build_url, const std::string& path);

 private:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  Result<http::Response> get(const std::string& url);
  Result<http::Response> post(const std::string& url, const std::string& form);
  Result<http::Response> post_once(const std::string& url, const std::string& form);
  Result<http::Response> send(const std::string& url, http::Request request);
  Result<void> fetch_crumb();

  std::string m_address;
  Credentials m_credentials;
  http::Transport& m_transport;
  Headers m_crumb;  // a crumb is good for the session that it came with
};

}  // namespace spyre::jenkins
