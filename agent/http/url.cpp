// SPDX-License-Identifier: Apache-2.0
#include "agent/http/url.hpp"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::http {
namespace {

// Return the URL without user and password, shortened, for messages.
std::string shown(const std::string& text) {
  const std::size_t at = text.find('@');
  const std::size_t scheme = text.find("://");
  if (at == std::string::npos) return shorten(text, 200);
  const std::string start = scheme == std::string::npos || scheme > at ? "" : text.substr(0, scheme + 3);
  return shorten(start + "…" + text.substr(at), 200);
}

bool is_loopback(const std::string& host) {
  Poco::Net::IPAddress address;
  return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

std::string value_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = environment.find(name); found != environment.end() && !found->second.empty()) {
      return found->second;
    }
  }
  return {};
}

bool needs_no_proxy(const Url& url, const std::string& list) {
  const std::string host = lower(url.host);
  for (const std::string_view each : split(list, ',')) {
    std::string name = lower(trim(each));
    if (name == "*") return true;
    if (const std::string port = fmt::format(":{}", url.port); name.ends_with(port))
      name.resize(name.size() - port.size());
    if (name.starts_with("*.")) name.erase(0, 1);
    if (name.empty()) continue;
    const std::string domain = name.front() == '.' ? name : "." + name;
    if (host == domain.substr(1) || host.ends_with(domain)) return true;
  }
  return false;
}

}  // namespace

Result<Url> parse_url(const std::string& text, bool force_http) {
  const auto refuse = [&](std::string_view why, std::string hint) {
    return fail(ErrorKind::usage, fmt::format("the URL '{}' {}", shown(text), why), std::move(hint));
  };
  const std::string example = "write it as https://host/path";
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c == 0x7F; })) {
    return refuse("contains spaces or control characters", example);
  }
  try {
    const Poco::URI uri(text);
    const std::string& scheme = uri.getScheme();
    if ((scheme != "https" && scheme != "http") || uri.getHost().empty()) return refuse("is not an https URL", example);
    if (!uri.getUserInfo().empty()) return refuse("contains a user", "tokens are given with --token-…");
    if (!uri.getFragment().empty()) return refuse("contains a '#'", example);
    Url url;
    url.secure = scheme == "https";
    url.host = uri.getHost();
    url.loopback = is_loopback(url.host);
    url.port = uri.getPort();
    url.path = uri.getPathAndQuery();
    if (url.path.empty() || url.path.front() != '/') url.path.insert(0, "/");
    if (url.secure || url.loopback || force_http) return url;
    return refuse("is not https: others could read the token", "use https://, or --force-http on a trusted network");
  } catch (const Poco::Exception&) {
    return refuse("is not a valid URL", example);
  }
}

Result<std::optional<Proxy>> proxy_for(const Url& url, const Environment& environment) {
  if (url.loopback || needs_no_proxy(url, value_of(environment, {"no_proxy", "NO_PROXY"}))) return std::nullopt;
  // Not HTTP_PROXY: where a web server sets the environment, it is a header that every client can send.
  const std::string text =
      url.secure ? value_of(environment, {"https_proxy", "HTTPS_PROXY"}) : value_of(environment, {"http_proxy"});
  if (text.empty()) return std::nullopt;
  try {
    const Poco::URI uri(text.find("://") == std::string::npos ? "http://" + text : text);
    if (uri.getScheme() == "http" && !uri.getHost().empty()) {
      Proxy proxy{uri.getHost(), uri.getPort(), {}, {}};
      const std::string& user = uri.getUserInfo();
      const std::size_t colon = user.find(':');
      Poco::URI::decode(user.substr(0, colon), proxy.user);
      if (colon != std::string::npos) Poco::URI::decode(user.substr(colon + 1), proxy.password);
      return proxy;
    }
  } catch (const Poco::Exception&) {
    // the same message as for a URL of another scheme
  }
  return fail(ErrorKind::config, fmt::format("the proxy '{}' is not an http:// URL", shown(text)),
              "write https_proxy as http://host:port");
}

}  // namespace spyre::http
