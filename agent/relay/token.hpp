// SPDX-License-Identifier: Apache-2.0
// Sources of tokens. A token is read for each attempt, kept only during the attempt, and never shown.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/result.hpp"
#include "agent/http/message.hpp"

namespace spyre::relay {

// A text that is overwritten when it is destroyed. It cannot be copied or printed.
class Secret {
 public:
  explicit Secret(std::string text) : m_text(std::move(text)) {}
  Secret(Secret&& other) noexcept { m_text.swap(other.m_text); }
  Secret& operator=(Secret&&) = delete;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }
  std::string_view reveal() const { return m_text; }

 private:
  void wipe();
  std::string m_text;
};

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // Return a current token, without surrounding white space. Error: infra (another attempt may succeed), config.
  virtual Result<Secret> read() = 0;
};

// Create a token source. `source`: "oidc" (of GitHub Actions: calls $ACTIONS_ID_TOKEN_REQUEST_URL with
// $ACTIONS_ID_TOKEN_REQUEST_TOKEN), "file:PATH", "env:NAME", "command:PROGRAM AND ARGUMENTS" (no shell; quotes as in a
// shell, see split_words); empty: oidc. `transport` must outlive the source. Error: usage (unknown source), config
// (oidc outside of GitHub Actions).
Result<std::unique_ptr<TokenSource>> make_token_source(const std::string& source, const http::Environment& environment,
                                                       http::Transport& transport);

}  // namespace spyre::relay
