// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/controller.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::jenkins;

namespace {

// Responds that a build is running, and records requests.
class Recorded : public http::Transport {
 public:
  http::Reply exchange(const http::Request& request) override {
    requests.push_back(request);
    http::Response answer;
    answer.status = 200;
    answer.body = R"({"building": true})";
    return answer;
  }
  std::vector<http::Request> requests;
};

}  // namespace

TEST_CASE("credentials are sent over https, to this machine, or if the setting allows it") {
  struct Row {
    std::string address;
    bool allow_http, sent;
  };
  const Row rows[] = {{"https://jenkins.example.org", false, true}, {"http://jenkins.example.org", false, false},
                      {"http://jenkins.example.org", true, true},   {"http://localhost:8080", false, true},
                      {"http://127.0.0.1:8080/x", false, true},     {"http://10.0.0.7:8080", false, false}};
  for (const Row& row : rows) {
    INFO(row.address);
    Recorded transport;
    Controller controller(row.address, {"me", "hunter2", row.allow_http}, transport);
    const auto build = controller.build(row.address + "/job/a/7");
    CHECK(build.has_value() == row.sent);
    CHECK(transport.requests.size() == (row.sent ? 1 : 0));
    if (row.sent) continue;
    CHECK(build.error().kind == ErrorKind::config);
    CHECK(build.error().hint.find("jenkins.allow_http") != std::string::npos);
    CHECK(build.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("anonymous requests may use plain http") {
  Recorded transport;
  Controller controller("http://jenkins.example.org", {}, transport);
  CHECK(controller.build("http://jenkins.example.org/job/a/7"));
  CHECK(transport.requests.front().headers.empty());
}
