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
  Seconds response_timeout{90};                        // in addition to the time to connect, at most 20 s
  std::size_t response_limit = std::size_t{64} << 10;  // maximum bytes of a body to read
  std::string ca_file = {};      // PEM; trusted in addition to the system's roots; empty: only the system's roots
  Environment environment = {};  // may define a proxy
};

// Create a client for HTTP and HTTPS (TLS 1.2 or newer; the certificate must match the host, also for loopback). From
// then on the process ignores SIGPIPE. Error: config (ca_file cannot be read or is not a certificate).
Result<std::unique_ptr<Transport>> make_client(const ClientSettings& settings);

}  // namespace spyre::http
