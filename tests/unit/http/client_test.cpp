// SPDX-License-Identifier: Apache-2.0
#include "agent/http/client.hpp"

#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::http;

namespace {

// A server that accepts connections and sends a given response, or none.
class Server {
 public:
  Server() : m_listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(m_listening.get(), any, size) == 0);
    REQUIRE(::listen(m_listening.get(), 8) == 0);
    REQUIRE(::getsockname(m_listening.get(), any, &size) == 0);
    m_port = ntohs(address.sin_port);
  }
  Request request() const { return {"GET", parse_url(fmt::format("http://127.0.0.1:{}/x", m_port)).value(), {}, {}}; }
  UniqueFd accept() const { return UniqueFd(::accept(m_listening.get(), nullptr, nullptr)); }
  void answer(const std::string& text) const {
    const UniqueFd connection = accept();
    REQUIRE(::send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
    char block[4096];
    while (::recv(connection.get(), block, sizeof block, 0) > 0) continue;
  }

 private:
  UniqueFd m_listening;
  int m_port = 0;
};

}  // namespace

TEST_CASE("a response is parsed into its parts") {
  const Server server;
  const auto client = make_client({.response_limit = 5});
  REQUIRE(client);
  Reply reply;
  {
    const std::jthread caller([&] { reply = (*client)->exchange(server.request()); });
    server.answer("HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 7\r\n\r\n1234567");
  }
  REQUIRE(reply);
  CHECK(reply->status == 302);
  CHECK(reply->location == "/y");
  CHECK(reply->cookie == "a=b; Path=/");
  CHECK(reply->body == "12345");
  CHECK_FALSE(reply->is_whole);
}

TEST_CASE("an abandoned exchange ends without a response") {
  const Server server;
  const auto client = make_client({.response_timeout = Seconds{3600}});
  REQUIRE(client);
  Reply reply;
  {
    const std::jthread caller([&] { reply = (*client)->exchange(server.request()); });
    const UniqueFd connection = server.accept();
    (*client)->abandon();
  }
  REQUIRE_FALSE(reply);
  CHECK(reply.error().reason.ends_with("given up"));
  const Reply later = (*client)->exchange(server.request());
  REQUIRE_FALSE(later);
  CHECK_FALSE(later.error().may_have_arrived);
}

TEST_CASE("a missing response is not waited for longer than the time limit") {
  const Server server;
  const auto client = make_client({.response_timeout = Seconds{0.05}});
  REQUIRE(client);
  const Reply reply = (*client)->exchange(server.request());
  REQUIRE_FALSE(reply);
  CHECK(reply.error().may_have_arrived);
}
