// SPDX-License-Identifier: Apache-2.0
#include "agent/git/address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"

namespace spyre::git {
namespace {

constexpr std::string_view allowed = "give a path, an https, ssh, git or file URL, or user@host:path";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Leaves an invalid escape as it is, as git does: Poco's decoder, which this room may not use, refuses such a URL.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* digits = text.data() + i + 1;
      const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
      if (error == std::errc{} && end == digits + 2) {
        decoded += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

tl::unexpected<Error> refuse(const std::string& repo, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("'{}' cannot be a repository: {}", without_credentials(repo), why),
              std::string(allowed));
}

void keep_secret(Address& address, std::string_view text) {
  if (text.empty()) return;
  address.secrets.emplace_back(text);
  if (const std::string decoded = percent_decoded(text); decoded != text) address.secrets.push_back(decoded);
}

// Splits "user:password" of a URL: with http and https a user without a password is a token.
void read_userinfo(Address& address, std::string_view userinfo, bool http) {
  const std::size_t colon = userinfo.find(':');
  const std::string_view user = userinfo.substr(0, colon);
  const std::string_view password = colon == std::string_view::npos ? std::string_view{} : userinfo.substr(colon + 1);
  address.user = percent_decoded(user);
  address.password = percent_decoded(password);
  keep_secret(address, password);
  constexpr std::size_t shortest_token = 4;  // "git" is a name; hiding it would spoil every message
  if (http && user.size() >= shortest_token) keep_secret(address, user);
}

Result<Address> parse_url(const std::string& repo, std::size_t scheme_end) {
  const std::string scheme = lower(repo.substr(0, scheme_end));
  constexpr std::array<std::string_view, 5> schemes{"https", "http", "ssh", "git", "file"};
  if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end()) {
    return refuse(repo, fmt::format("the scheme '{}' is not allowed", scheme));
  }
  const std::string_view rest = std::string_view(repo).substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  const std::string_view path = rest.substr(authority_end, rest.find_first_of("?#", authority_end) - authority_end);
  const std::size_t sign = authority.rfind('@');
  const std::string_view host = sign == std::string_view::npos ? authority : authority.substr(sign + 1);
  const std::string_view userinfo = sign == std::string_view::npos ? std::string_view{} : authority.substr(0, sign);
  if (host.starts_with('-') || userinfo.starts_with('-')) return refuse(repo, "a host cannot begin with '-'");
  if (host.empty() != (scheme == "file"))
    return refuse(repo, scheme == "file" ? "write file:///path" : "it has no host");
  if (path.size() < 2) return refuse(repo, "it has no path");

  Address address;
  address.location = repo;
  const bool http = scheme.starts_with("http");
  read_userinfo(address, userinfo, http);
  keep_secret(address, rest.substr(authority_end + path.size()));
  const bool show_user = !http && !userinfo.empty() && address.password.empty();
  address.shown = fmt::format("{}://{}{}{}{}", scheme, show_user ? userinfo : "", show_user ? "@" : "", host, path);
  return address;
}

// Matches "[user@]host:path" without a '/' before the colon.
bool is_scp_like(std::string_view repo) {
  const std::size_t colon = repo.find(':');
  return colon != std::string_view::npos && colon > 0 && repo.find('/') > colon;
}

Result<Address> parse_scp_like(const std::string& repo) {
  const std::string_view text = repo;
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  const std::string_view path = text.substr(colon + 1);
  const auto in_host = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '@'; };
  if (path.starts_with(':')) return refuse(repo, "programs as transports are not allowed");
  if (!std::all_of(host.begin(), host.end(), in_host)) return refuse(repo, "its host has strange characters");
  const std::string_view machine = host.substr(host.rfind('@') + 1);
  if (machine.empty() || machine.starts_with('-')) return refuse(repo, "its host is missing or begins with '-'");
  if (path.empty() || path.starts_with('-')) return refuse(repo, "its path is missing or begins with '-'");
  Address address;
  address.location = address.shown = repo;
  address.user = std::string(host.substr(0, host.rfind('@') == std::string_view::npos ? 0 : host.rfind('@')));
  return address;
}

}  // namespace

Result<Address> parse_address(const std::string& repo) {
  if (repo.empty()) return fail(ErrorKind::usage, "no repository is given", std::string(allowed));
  if (repo.starts_with('-')) return refuse(repo, "it begins with '-'");
  const auto is_control = [](unsigned char c) { return std::iscntrl(c) != 0; };
  if (std::any_of(repo.begin(), repo.end(), is_control)) {
    return fail(ErrorKind::usage, "the repository's name has control characters", std::string(allowed));
  }
  if (const std::size_t at = repo.find("://"); at != std::string::npos) {
    if (repo.find(' ') != std::string::npos) return refuse(repo, "a URL has no spaces");
    return parse_url(repo, at);
  }
  std::error_code ignored;  // a path that cannot be inspected is reported when it is opened
  if (is_scp_like(repo) && !std::filesystem::exists(repo, ignored)) return parse_scp_like(repo);
  return Address{.local = true, .location = repo, .shown = repo, .user = {}, .password = {}, .secrets = {}};
}

std::string redact(std::string_view text, const Address& address) {
  std::string shown(text);
  if (!address.local) replace_all(shown, address.location, address.shown);
  for (const std::string& secret : address.secrets) replace_all(shown, secret, hidden_value);
  return address.secrets.empty() ? shown : without_credentials(std::move(shown));
}

}  // namespace spyre::git
