// SPDX-License-Identifier: Apache-2.0
#include "agent/http/url.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::http;

TEST_CASE("a URL is parsed into its parts") {
  const auto url = parse_url("https://[::1]:8443/a/b?c=d");
  REQUIRE(url);
  CHECK((url->secure && url->loopback && url->host == "::1" && url->port == 8443 && url->path == "/a/b?c=d"));
  CHECK(parse_url("https://host.example")->path == "/");
  CHECK(parse_url("http://host.example", true)->port == 80);
  CHECK(parse_url("http://host.example").error().kind == ErrorKind::usage);
}

TEST_CASE("the proxy of the environment is used") {
  const Url url = parse_url("https://relay.example/c").value();
  const auto proxy = [&](const Environment& environment, const Url& to) { return proxy_for(to, environment).value(); };
  CHECK_FALSE(proxy({}, url));
  const auto named =
      proxy({{"https_proxy", "http://me:p%40ss@proxy.example:3128"}, {"HTTPS_PROXY", "http://x:1"}}, url);
  REQUIRE(named);
  CHECK((named->host == "proxy.example" && named->port == 3128 && named->user == "me" && named->password == "p@ss"));
  CHECK(proxy({{"HTTPS_PROXY", "proxy.example:8080"}}, url)->port == 8080);
  CHECK_FALSE(proxy({{"HTTP_PROXY", "http://x:1"}, {"http_proxy", "http://x:1"}}, url));
  for (const char* list : {"*", "relay.example", "other, .example", "example", "*.example", "relay.example:443"}) {
    CAPTURE(list);
    CHECK_FALSE(proxy({{"https_proxy", "http://x:1"}, {"no_proxy", list}}, url));
  }
  for (const char* list : {"", "lay.example", "relay.example:80", "relay.example.org"}) {
    CAPTURE(list);
    CHECK(proxy({{"https_proxy", "http://x:1"}, {"NO_PROXY", list}}, url));
  }
  CHECK_FALSE(proxy({{"http_proxy", "http://x:1"}}, parse_url("http://localhost/c").value()));
  const auto wrong = proxy_for(url, {{"https_proxy", "socks5://me:s3cr3t@x:1"}});
  CHECK(wrong.error().kind == ErrorKind::config);
  CHECK(wrong.error().message.find("s3cr3t") == std::string::npos);
}
