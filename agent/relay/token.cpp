// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/token.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/relay/claims.hpp"
#include "agent/relay/command.hpp"

namespace spyre::relay {
namespace {

constexpr std::size_t text_limit = 65'536;
constexpr Seconds command_time{60};

Secret trimmed(const Secret& text) {
  return Secret(std::string(trim(text.reveal())));
}

class FileToken final : public TokenSource {
 public:
  explicit FileToken(std::string path) : m_path(std::move(path)) {}
  Result<Secret> read() override {
    auto text = read_file(m_path, text_limit);
    // A missing file may exist at the next attempt.
    if (!text) return fail(ErrorKind::infra, text.error().message, "the bridge job must write the token there");
    return trimmed(Secret(std::move(*text)));
  }

 private:
  std::string m_path;
};

class EnvironmentToken final : public TokenSource {
 public:
  EnvironmentToken(const std::string& name, const http::Environment& environment)
      : m_name(name), m_value(environment.contains(name) ? environment.at(name) : "") {}
  Result<Secret> read() override {
    if (m_value.reveal().empty()) {
      return fail(ErrorKind::infra, fmt::format("the variable {} is not set, or empty", m_name),
                  "set it to a token; tokens expire within minutes, so a file or a command is a better source");
    }
    return trimmed(m_value);
  }

 private:
  std::string m_name;
  Secret m_value;
};

class CommandToken final : public TokenSource {
 public:
  explicit CommandToken(std::vector<std::string> argv) : m_argv(std::move(argv)) {}
  Result<Secret> read() override {
    TRY(std::string text, output_of(m_argv, command_time, text_limit));
    return trimmed(Secret(std::move(text)));
  }

 private:
  std::vector<std::string> m_argv;
};

// GitHub Actions: a token of the job's identity, for a chosen audience.
class OidcToken final : public TokenSource {
 public:
  OidcToken(http::Url url, std::string bearer, http::Transport& transport)
      : m_url(std::move(url)), m_bearer(std::move(bearer)), m_transport(transport) {
    m_url.path += fmt::format("{}audience={}", m_url.path.find('?') == std::string::npos ? '?' : '&', audience);
  }

  Result<Secret> read() override {
    http::Request request{"GET", m_url, {{"Authorization", fmt::format("bearer {}", m_bearer.reveal())}}, ""};
    http::Reply reply = m_transport.exchange(request);
    const Secret used(std::move(request.headers.front().second));
    if (!reply) return failed(reply.error().reason);
    const Secret answer(std::move(reply->body));
    if (reply->status != 200) return failed(fmt::format("the response was {}", reply->status));
    const auto json = parse_json_or_discard(answer.reveal());
    const auto value = json.is_object() ? json.find("value") : json.end();
    if (!json.is_object() || value == json.end() || !value->is_string())
      return failed("the response contains no token");
    return Secret(value->get<std::string>());
  }

 private:
  static tl::unexpected<Error> failed(const std::string& reason) {
    return fail(ErrorKind::infra, fmt::format("GitHub did not return a token: {}", reason),
                "the job needs `permissions: id-token: write`; tokens are available only while the job runs");
  }

  http::Url m_url;
  Secret m_bearer;
  http::Transport& m_transport;
};

Result<std::unique_ptr<TokenSource>> make_oidc(const http::Environment& environment, http::Transport& transport) {
  const auto url = environment.find("ACTIONS_ID_TOKEN_REQUEST_URL");
  const auto bearer = environment.find("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (url == environment.end() || bearer == environment.end()) {
    return fail(ErrorKind::config, "no token source: this is not a GitHub Actions job that may request a token",
                "give --token-file, --token-command or --token-env, or `permissions: id-token: write` to the job");
  }
  TRY(http::Url parsed, http::parse_url(url->second));
  return std::make_unique<OidcToken>(std::move(parsed), bearer->second, transport);
}

}  // namespace

void Secret::wipe() {
  // volatile: otherwise the compiler removes writes that are not read.
  volatile char* at = m_text.data();
  for (std::size_t i = 0; i < m_text.size(); ++i) at[i] = '\0';
  m_text.clear();
}

Result<std::unique_ptr<TokenSource>> make_token_source(const std::string& source, const http::Environment& environment,
                                                       http::Transport& transport) {
  if (source.empty() || source == "oidc") return make_oidc(environment, transport);
  const std::size_t colon = source.find(':');
  const std::string kind = source.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : source.substr(colon + 1);
  if (kind == "file" && !rest.empty()) return std::make_unique<FileToken>(rest);
  if (kind == "env" && !rest.empty()) return std::make_unique<EnvironmentToken>(rest, environment);
  if (kind == "command" && !rest.empty()) {
    TRY(std::vector<std::string> argv, split_words(rest));
    return std::make_unique<CommandToken>(std::move(argv));
  }
  // Not quoted: it could be a token.
  return fail(ErrorKind::usage, "unknown token source", "oidc, file:PATH, env:NAME or command:PROGRAM AND ARGUMENTS");
}

}  // namespace spyre::relay
