// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/transport.hpp"

#include <cctype>
#include <sstream>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/URI.h>
#include <fmt/format.h>

namespace spyre::jenkins {
namespace {

namespace net = Poco::Net;

// A console log or an artifact that nobody thought of must not fill the memory.
constexpr std::size_t largest_body = 256u << 20;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Result<std::string> read_body(std::istream& stream, const std::string& url) {
  std::string body;
  char piece[64 * 1024];
  while (stream.read(piece, sizeof piece) || stream.gcount() > 0) {
    body.append(piece, static_cast<std::size_t>(stream.gcount()));
    if (body.size() > largest_body) return fail(ErrorKind::io, fmt::format("{}: the answer is too large", url));
  }
  return body;
}

class PocoTransport final : public Transport {
 public:
  explicit PocoTransport(Seconds timeout)
      : m_timeout(static_cast<Poco::Timespan::TimeDiff>(timeout.count() * 1'000'000)) {}

  Result<Response> send(const Request& request) override {
    try {
      const Poco::URI uri(request.url);
      if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty()) {
        return fail(ErrorKind::invalid, fmt::format("'{}' is no address of a controller", request.url),
                    "it starts with http:// or https://");
      }
      return exchange(*session(uri), uri, request);
    } catch (const Poco::SyntaxException&) {
      return fail(ErrorKind::invalid, fmt::format("'{}' is no address of a controller", request.url));
    } catch (const Poco::Exception& error) {
      return fail(ErrorKind::io, fmt::format("no answer from {}: {}", request.url, error.displayText()));
    } catch (const std::exception& error) {
      return fail(ErrorKind::io, fmt::format("no answer from {}: {}", request.url, error.what()));
    }
  }

 private:
  std::unique_ptr<net::HTTPClientSession> session(const Poco::URI& uri) const {
    std::unique_ptr<net::HTTPClientSession> session;
    if (uri.getScheme() == "https") {
      const net::Context::Ptr context =
          new net::Context(net::Context::TLS_CLIENT_USE, "", net::Context::VERIFY_STRICT, 9, true);
      session = std::make_unique<net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    } else {
      session = std::make_unique<net::HTTPClientSession>(uri.getHost(), uri.getPort());
    }
    session->setTimeout(m_timeout);
    return session;
  }

  static Result<Response> exchange(net::HTTPClientSession& session, const Poco::URI& uri, const Request& request) {
    const std::string path = uri.getPathAndQuery().empty() ? "/" : uri.getPathAndQuery();
    net::HTTPRequest out(request.method, path, net::HTTPMessage::HTTP_1_1);
    for (const auto& [name, value] : request.headers) out.set(name, value);
    if (request.method == "POST") {
      out.setContentType("application/x-www-form-urlencoded");
      out.setContentLength(static_cast<std::streamsize>(request.form.size()));
    }
    session.sendRequest(out) << request.form;
    net::HTTPResponse in;
    std::istream& stream = session.receiveResponse(in);
    Response response;
    response.status = in.getStatus();
    for (const auto& [name, value] : in) response.headers[lower(name)] = value;
    TRY(response.body, read_body(stream, request.url));
    return response;
  }

  Poco::Timespan m_timeout;
};

}  // namespace

std::unique_ptr<Transport> make_transport(Seconds timeout) {
  return std::make_unique<PocoTransport>(timeout);
}

}  // namespace spyre::jenkins
