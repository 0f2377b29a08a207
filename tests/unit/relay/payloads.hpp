// SPDX-License-Identifier: Apache-2.0
// Dispatches of the relay, for tests.
#pragma once

#include <string>

#include <fmt/format.h>

#include "agent/relay/callback.hpp"
#include "agent/relay/client_payload.hpp"

namespace spyre::relay {

inline const std::string head_sha(40, 'a');
inline const std::string base_sha(40, 'b');

// A webhook of a pull request.
inline std::string pull_request(const std::string& action = "synchronize", int number = 7,
                                const std::string& upstream = "pytorch/pytorch", const std::string& labels = "[]") {
  return fmt::format(R"({{"action":"{}","pull_request":{{"number":{},"head":{{"sha":"{}"}},"base":{{"sha":"{}"}},)"
                     R"("labels":{}}},"repository":{{"full_name":"{}"}}}})",
                     action, number, head_sha, base_sha, labels, upstream);
}

inline std::string push(const std::string& after = head_sha) {
  return fmt::format(R"({{"ref":"refs/heads/main","after":"{}","repository":{{"full_name":"pytorch/pytorch"}}}})",
                     after);
}

inline std::string client_payload(const std::string& payload = pull_request(), const std::string& delivery = "d-1",
                                  const std::string& type = "pull_request") {
  return fmt::format(R"({{"event_type":"{}","delivery_id":"{}","payload":{}}})", type, delivery, payload);
}

inline Job some_job() {
  return {"torch-spyre/torch-spyre", "123", "1", "spyre", "stage 1", "77"};
}

inline Callback completed(Conclusion conclusion = Conclusion::success) {
  Callback callback;
  callback.status = Status::completed;
  callback.job = some_job();
  callback.conclusion = conclusion;
  return callback;
}

}  // namespace spyre::relay
