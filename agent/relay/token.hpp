// SPDX-License-Identifier: Apache-2.0
// Where tokens come from. One is read for each attempt, kept for that long, and shown nowhere.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/result.hpp"
#include "agent/http/message.hpp"

namespace spyre::relay {

// A text that is overwritten when it is not needed any more. It cannot be copied, and nothing prints it.
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
  // A token of now, without white space around it. Error: infra, as far as another attempt may succeed; config.
  virtual Result<Secret> read() = 0;
};

// `source`: "oidc" (of GitHub Actions: asks $ACTIONS_ID_TOKEN_REQUEST_URL with $ACTIONS_ID_TOKEN_REQUEST_TOKEN),
// "file:PATH", "env:NAME", "command:PROGRAM AND ARGUMENTS" (no shell; quotes as in one, see split_words); empty: oidc.
// `transport` outlives the source. Error: usage (no such source), config (oidc outside of GitHub Actions).
Result<std::unique_ptr<TokenSource>> make_token_source(const std::string& source, const http::Environment& environment,
                                                       http::Transport& transport);

}  // namespace spyre::relay
