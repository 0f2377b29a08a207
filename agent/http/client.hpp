// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/http/message.hpp"

namespace spyre::http {

struct ClientSettings {
  Seconds response_timeout{90};                        // besides the time for the connection, at most 20 s
  std::size_t response_limit = std::size_t{64} << 10;  // bytes of a body that are read
  std::string ca_file = {};                            // PEM; trusted besides the system's roots; empty: these alone
  Environment environment = {};                        // where a proxy may be named
};

// HTTP and HTTPS (TLS 1.2 or newer; the certificate must be for the host, loopback or not). From then on the process
// ignores SIGPIPE. Error: config (ca_file cannot be read or is no certificate).
Result<std::unique_ptr<Transport>> make_client(const ClientSettings& settings);

}  // namespace spyre::http
