// SPDX-License-Identifier: Apache-2.0
#include "agent/http/client.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/core/version.hpp"

namespace spyre::http {
namespace {

namespace net = Poco::Net;

constexpr Seconds connect_timeout{20};

Poco::Timespan timespan(Seconds seconds) {
  return Poco::Timespan{std::chrono::duration_cast<std::chrono::microseconds>(seconds).count()};
}

// A session that knows whether it was ever connected (with TLS: whether the handshake ended). Before that, no request
// was sent.
template <typename Session>
class Watched final : public Session {
 public:
  using Session::Session;
  // May be called from any thread.
  bool was_connected() const { return m_connected; }
  // May be called from any thread once connected: reads and writes end. The library's own abort() also closes the
  // descriptor, which another thread may have reused by then.
  void cut() const { ::shutdown(m_wire.get(), SHUT_RDWR); }

 protected:
  void connect(const net::SocketAddress& address) override {
    Session::connect(address);
    m_wire = UniqueFd(::fcntl(this->socket().impl()->sockfd(), F_DUPFD_CLOEXEC, 0));
    m_connected = true;
  }

 private:
  UniqueFd m_wire;  // a duplicate descriptor of the session's connection
  std::atomic<bool> m_connected = false;
};

// The state of a client that several threads share.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  bool abandoned = false;
};

// Shuts the connection down when the time limit expires or the client is abandoned: the library's own time-outs restart
// with every received byte.
template <typename Session>
class Deadline {
 public:
  Deadline(Session& session, Seconds time, Shared& shared)
      : m_session(session), m_shared(shared), m_thread([this, time] { wait(time); }) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() {
    {
      const std::lock_guard lock(m_shared.mutex);
      m_done = true;
    }
    m_shared.changed.notify_all();
  }

 private:
  void wait(Seconds time) {
    constexpr std::chrono::milliseconds short_time{50};
    const SteadyTime until = std::chrono::steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(time);
    std::unique_lock lock(m_shared.mutex);
    m_shared.changed.wait_until(lock, until, [this] { return m_done || m_shared.abandoned; });
    // While it connects, a session replaces its socket: other threads must not use it before the time limit.
    while (!m_done && !m_session.was_connected() && std::chrono::steady_clock::now() < until) {
      m_shared.changed.wait_for(lock, short_time, [this] { return m_done; });
    }
    if (m_done) return;
    if (m_session.was_connected()) return m_session.cut();
    try {
      m_session.abort();  // the only way to end an endless handshake
    } catch (const Poco::Exception&) {
      // no socket yet
    }
  }

  Session& m_session;
  Shared& m_shared;
  bool m_done = false;
  std::jthread m_thread;  // last, because it uses all members above
};

void read_body(std::istream& stream, std::size_t limit, Response& response) {
  std::array<char, std::size_t{64} << 10> block{};
  while (stream.read(block.data(), block.size()) || stream.gcount() > 0) {
    response.body.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (response.body.size() <= limit) continue;
    response.body.resize(limit);
    response.is_whole = false;
    return;
  }
}

net::HTTPRequest header_of(const Request& request) {
  net::HTTPRequest header(request.method, request.url.path, net::HTTPMessage::HTTP_1_1);
  const std::string& host = request.url.host;
  const std::string name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  header.set("Host",
             request.url.port == (request.url.secure ? 443 : 80) ? name : fmt::format("{}:{}", name, request.url.port));
  header.set("User-Agent", fmt::format("spyre-ci/{}", version));
  header.set("Accept", "application/json");
  for (const auto& [key, value] : request.headers) header.set(key, value);
  if (!request.body.empty()) header.setContentType(request.content_type);
  if (!request.body.empty() || request.method == "POST") {
    header.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  }
  return header;
}

Response talk(net::HTTPClientSession& session, const Request& request, std::size_t response_limit) {
  net::HTTPRequest header = header_of(request);
  std::ostream& out = session.sendRequest(header);
  for (const auto& [key, value] : request.headers) header.set(key, std::string(value.size(), '*'));
  out << request.body << std::flush;
  net::HTTPResponse received;
  std::istream& in = session.receiveResponse(received);
  Response response;
  response.status = received.getStatus();
  response.date = received.get("Date", "");
  response.location = received.get("Location", "");
  response.cookie = received.get("Set-Cookie", "");
  read_body(in, response_limit, response);
  return response;
}

class Client final : public Transport {
 public:
  Client(ClientSettings settings, net::Context::Ptr context)
      : m_settings(std::move(settings)), m_context(std::move(context)) {}

  Reply exchange(const Request& request) override {
    if (is_abandoned()) return tl::make_unexpected(TransportError{false, "given up"});
    if (request.url.secure) {
      Watched<net::HTTPSClientSession> session(request.url.host, request.url.port, m_context);
      return exchange(session, request);
    }
    Watched<net::HTTPClientSession> session(request.url.host, request.url.port);
    return exchange(session, request);
  }

  void abandon() override {
    {
      const std::lock_guard lock(m_shared.mutex);
      m_shared.abandoned = true;
    }
    m_shared.changed.notify_all();
  }

 private:
  bool is_abandoned() {
    const std::lock_guard lock(m_shared.mutex);
    return m_shared.abandoned;
  }

  template <typename Session>
  Reply exchange(Session& session, const Request& request) {
    const auto proxy = proxy_for(request.url, m_settings.environment);
    if (!proxy) return tl::make_unexpected(TransportError{false, proxy.error().message});
    if (*proxy) {
      session.setProxy((*proxy)->host, (*proxy)->port);
      session.setProxyCredentials((*proxy)->user, (*proxy)->password);
    }
    session.setKeepAlive(false);  // otherwise the library repeats requests by itself
    const Seconds answering = m_settings.response_timeout, connecting = std::min(connect_timeout, answering);
    session.setTimeout(timespan(connecting), timespan(answering), timespan(answering));
    try {
      const Deadline deadline(session, connecting + answering, m_shared);
      return talk(session, request, m_settings.response_limit);
    } catch (const Poco::Exception& error) {
      const std::string reason = is_abandoned() ? "given up" : printable_reason(error);
      return tl::make_unexpected(TransportError{
          session.was_connected(),
          fmt::format("{}:{}{}: {}", request.url.host, request.url.port,
                      *proxy ? fmt::format(" by the proxy {}:{}", (*proxy)->host, (*proxy)->port) : "", reason)});
    }
  }

  static std::string printable_reason(const Poco::Exception& error) {
    return shorten(valid_utf8(error.displayText()), 300);
  }

  ClientSettings m_settings;
  net::Context::Ptr m_context;
  Shared m_shared;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_client(const ClientSettings& settings) {
  // The server may close the connection during a write.
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return fail(ErrorKind::internal, "SIGPIPE cannot be ignored");
  if (!settings.ca_file.empty()) CHECK_OK(read_file(settings.ca_file, 1 << 20));
  try {
    net::Context::Params params;
    // Strict: otherwise the library does not compare the name of a certificate for localhost.
    params.verificationMode = net::Context::VERIFY_STRICT;
    params.loadDefaultCAs = true;
    params.caLocation = settings.ca_file;
    net::Context::Ptr context = new net::Context(net::Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    return std::make_unique<Client>(settings, context);
  } catch (const Poco::Exception& error) {
    return fail(ErrorKind::config, fmt::format("TLS cannot be set up: {}", error.displayText()),
                settings.ca_file.empty() ? "install ca-certificates"
                                         : fmt::format("check that {} contains certificates (PEM)", settings.ca_file));
  }
}

}  // namespace spyre::http
