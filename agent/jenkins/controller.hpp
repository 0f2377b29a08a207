// SPDX-License-Identifier: Apache-2.0
// A client of a Jenkins controller: start a build, query its state, stop it, fetch its files.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/http/message.hpp"

namespace spyre::jenkins {

struct Credentials {
  std::string user;         // empty: anonymous
  std::string token;        // an API token, or a password
  bool allow_http = false;  // send them over plain http to other machines than this one
};

// An item of the queue.
struct QueueItem {
  bool cancelled = false;
  std::string why;        // why it waits
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
  // Create a client. `address`: from controller_address(). Every call returns an error (config) when it would send
  // credentials over plain http to another machine without permission.
  Controller(std::string address, Credentials credentials, http::Transport& transport);

  // Put a build into the queue, and return the address of the queue item. Error: io, config (not allowed), not_found
  // (unknown job), invalid (the job is disabled or does not have the parameter).
  Result<std::string> trigger(const std::string& job, const std::map<std::string, std::string>& parameters);
  // Return a queue item. Error: io, config, not_found (Jenkins deletes items some minutes after their start), invalid.
  Result<QueueItem> queue_item(const std::string& url);
  // Return a build. Error: as queue_item.
  Result<Build> build(const std::string& url);
  // Remove the item from the queue. A missing item is not an error. Error: io, config.
  Result<void> cancel(const std::string& queue_url);
  // Request the end of a build. Error: io, config, not_found.
  Result<void> stop(const std::string& build_url);
  // Return the paths of a build's artifacts. Error: io, config, not_found, invalid (a path outside of the artifacts).
  Result<std::vector<std::string>> artifacts(const std::string& build_url);
  // Return the content of one artifact. Error: io, config, not_found.
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
  Headers m_crumb;  // valid only within the session that it came with
};

}  // namespace spyre::jenkins
