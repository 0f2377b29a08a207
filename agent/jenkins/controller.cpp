// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/controller.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/http/encoding.hpp"
#include "agent/jenkins/address.hpp"

namespace spyre::jenkins {
namespace {

using nlohmann::json;

bool is_good(int status) {
  return status >= 200 && status < 400;
}

// Responses without a result: the kind decides whether to ask again.
tl::unexpected<Error> refused(const http::Response& response, const std::string& url) {
  const std::string what = fmt::format("{} answered with {}", url, response.status);
  switch (response.status) {
    case 401:
      return fail(ErrorKind::config, what + ": unknown user, or wrong token", "check --user and the token");
    case 403:
      return fail(ErrorKind::config, what + ": not allowed", "the user needs Job/Build, Job/Read and Job/Cancel");
    case 404:
      return fail(ErrorKind::not_found, what + ": not found, or not visible to this user");
    case 400:
    case 405:
    case 409:
      return fail(ErrorKind::invalid, what + ": the job is disabled, or does not have these parameters");
    default:
      return fail(ErrorKind::io, what);
  }
}

Result<json> document(const http::Response& response, const std::string& url) {
  TRY(json value, parse_json(response.body, url));
  if (!value.is_object()) return fail(ErrorKind::invalid, fmt::format("{}: not an object", url));
  return value;
}

// The controller's path of a file becomes a path here: it must not leave the directory.
bool stays_below(std::string_view path) {
  const auto parts = split(path, '/');
  return std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty() || part == ".."; });
}

bool is_true(const json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_boolean() && field->get<bool>();
}

}  // namespace

Controller::Controller(std::string address, Credentials credentials, http::Transport& transport)
    : m_address(std::move(address)), m_credentials(std::move(credentials)), m_transport(transport) {}

Result<http::Response> Controller::send(const std::string& url, http::Request request) {
  TRY(request.url, http::parse_url(url, true));
  if (!m_credentials.user.empty()) {
    if (!request.url.secure && !request.url.loopback && !m_credentials.allow_http) {
      return fail(ErrorKind::config, fmt::format("{}: user and token are not sent over plain http", m_address),
                  "give the controller's https:// address; or, if it has none, --set jenkins.allow_http=true");
    }
    request.headers.emplace_back("Authorization", http::basic_authorization(m_credentials.user, m_credentials.token));
  }
  http::Reply reply = m_transport.exchange(request);
  if (!reply) return fail(ErrorKind::io, fmt::format("no response from {}: {}", url, reply.error().reason));
  if (!reply->is_whole) return fail(ErrorKind::io, fmt::format("{}: the response is too large", url));
  return std::move(*reply);
}

Result<http::Response> Controller::get(const std::string& url) {
  TRY(http::Response response, send(url, {}));
  if (!is_good(response.status)) return refused(response, url);
  return response;
}

Result<void> Controller::fetch_crumb() {
  const std::string url = m_address + "/crumbIssuer/api/json";
  TRY(const http::Response response, get(url));
  TRY(const json crumb, document(response, url));
  m_crumb = {{string_member(crumb, "crumbRequestField"), string_member(crumb, "crumb")}};
  if (!response.cookie.empty()) m_crumb.emplace_back("Cookie", response.cookie.substr(0, response.cookie.find(';')));
  return {};
}

Result<http::Response> Controller::post_once(const std::string& url, const std::string& form) {
  return send(url, {"POST", {}, m_crumb, form, "application/x-www-form-urlencoded"});
}

// API tokens do not need a crumb: it is only fetched when a request is refused.
Result<http::Response> Controller::post(const std::string& url, const std::string& form) {
  TRY(http::Response response, post_once(url, form));
  if (response.status == 403 && response.body.find("crumb") != std::string::npos) {
    CHECK_OK(fetch_crumb());
    TRY(response, post_once(url, form));
  }
  if (!is_good(response.status)) return refused(response, url);
  return response;
}

Result<std::string> Controller::trigger(const std::string& job, const std::map<std::string, std::string>& parameters) {
  TRY(const std::string path, job_path(job));
  const std::string url =
      fmt::format("{}/{}/{}", m_address, path, parameters.empty() ? "build" : "buildWithParameters");
  TRY(const http::Response response, post(url, http::form(parameters)));
  if (response.location.empty()) {
    return fail(ErrorKind::invalid, fmt::format("{} answered with {} and no Location", url, response.status));
  }
  return as_seen_from(m_address, response.location, "/queue/");
}

Result<QueueItem> Controller::queue_item(const std::string& url) {
  TRY(const http::Response response, get(url + "/api/json"));
  TRY(const json value, document(response, url));
  QueueItem item;
  item.cancelled = is_true(value, "cancelled");
  item.why = string_member(value, "why");
  if (const auto started = value.find("executable"); started != value.end() && started->is_object()) {
    TRY(item.build_url, as_seen_from(m_address, string_member(*started, "url"), "/job/"));
  }
  return item;
}

Result<Build> Controller::build(const std::string& url) {
  TRY(const http::Response response, get(url + "/api/json?tree=number,building,result"));
  TRY(const json value, document(response, url));
  Build build;
  build.url = url;
  build.building = is_true(value, "building");
  build.result = string_member(value, "result");
  if (const auto number = value.find("number"); number != value.end() && number->is_number_integer()) {
    build.number = number->get<long>();
  }
  return build;
}

Result<void> Controller::cancel(const std::string& queue_url) {
  const std::string id = queue_url.substr(queue_url.rfind('/') + 1);
  const auto done = post(fmt::format("{}/queue/cancelItem?id={}", m_address, http::percent_encoded(id)), "");
  if (!done && done.error().kind != ErrorKind::not_found) return tl::make_unexpected(done.error());
  return {};
}

Result<void> Controller::stop(const std::string& build_url) {
  CHECK_OK(post(build_url + "/stop", ""));
  return {};
}

Result<std::vector<std::string>> Controller::artifacts(const std::string& build_url) {
  TRY(const http::Response response, get(build_url + "/api/json?tree=artifacts[relativePath]"));
  TRY(const json value, document(response, build_url));
  std::vector<std::string> paths;
  const auto list = value.find("artifacts");
  if (list == value.end() || !list->is_array()) return paths;
  for (const json& entry : *list) {
    std::string path = entry.is_object() ? string_member(entry, "relativePath") : std::string{};
    if (!stays_below(path))
      return fail(ErrorKind::invalid, fmt::format("{}: invalid artifact path '{}'", build_url, path));
    paths.push_back(std::move(path));
  }
  return paths;
}

Result<std::string> Controller::artifact(const std::string& build_url, const std::string& path) {
  std::string url = build_url + "/artifact";
  for (const std::string_view part : split(path, '/')) url += "/" + http::percent_encoded(part);
  TRY(http::Response response, get(url));
  return std::move(response.body);
}

}  // namespace spyre::jenkins
