// SPDX-License-Identifier: Apache-2.0
// A relay, a token source and a clock for tests of the code between them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <Poco/Base64Encoder.h>
#include <fmt/format.h>

#include "agent/core/clock.hpp"
#include "agent/http/message.hpp"
#include "agent/relay/claims.hpp"
#include "agent/relay/token.hpp"

namespace spyre::relay {

// Returns given responses, and records requests.
class FakeTransport final : public http::Transport {
 public:
  http::Reply exchange(const http::Request& request) override {
    requests.push_back(request);
    return answer(request);
  }
  std::function<http::Reply(const http::Request&)> answer;
  std::vector<http::Request> requests;
};

class FakeTokens final : public TokenSource {
 public:
  explicit FakeTokens(std::string token) : text(std::move(token)) {}
  Result<Secret> read() override {
    ++reads;
    return Secret(text);
  }
  std::string text;
  int reads = 0;
};

// A clock that can be set, also backwards.
class LooseClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime{} + std::chrono::milliseconds(m_steady); }
  SystemTime system() const override { return SystemTime{std::chrono::milliseconds(m_system)}; }
  void pass(std::int64_t milliseconds) {
    m_steady += milliseconds;
    m_system += milliseconds;
  }
  void jump(std::int64_t milliseconds) { m_system += milliseconds; }
  std::int64_t now() const { return m_system; }

 private:
  std::int64_t m_steady = 0, m_system = 1'700'000'000'000;
};

// A token with a meaningless signature. `expires`: seconds since 1970.
inline std::string token_of(const std::string& claims) {
  const auto encoded = [](const std::string& text) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out, Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING);
    encoder << text;
    encoder.close();
    return out.str();
  };
  return fmt::format("{}.{}.c2lnbmF0dXJl", encoded(R"({"alg":"RS256"})"), encoded(claims));
}

inline std::string good_claims(std::int64_t expires, const std::string& repository = "torch-spyre/torch-spyre") {
  return fmt::format(R"({{"iss":"{}","aud":"{}","repository":"{}","exp":{}}})", github_issuer, audience, repository,
                     expires);
}

}  // namespace spyre::relay
