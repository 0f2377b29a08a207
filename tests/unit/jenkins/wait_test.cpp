// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/wait.hpp"

#include <deque>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::jenkins;

namespace {

// Returns responses one after the other, the last one for ever, and records requests.
class Answers final : public http::Transport {
 public:
  std::deque<http::Reply> next;
  std::vector<std::string> asked;

  http::Reply exchange(const http::Request& request) override {
    asked.push_back(request.method + " http://" + request.url.host + request.url.path);
    const http::Reply answer = next.front();
    if (next.size() > 1) next.pop_front();
    return answer;
  }
};

http::Reply answer(int status, std::string body) {
  return http::Response{status, std::move(body), {}, {}};
}

http::Reply no_answer() {
  return tl::make_unexpected(http::TransportError{false, "refused"});
}

struct Setting {
  Answers answers;
  ManualClock clock;
  Controller controller{"http://host", {}, answers};
  Waiting waiting{Seconds{5}, Seconds{60}, Seconds{20}};
  int pauses_until_interrupted = 1000;

  Pause pause() {
    return [this](Seconds time) {
      clock.advance(time);
      return --pauses_until_interrupted > 0;
    };
  }
  Result<Build> end() { return wait_for_end(controller, "http://host/job/a/7", waiting, clock, pause()); }
  Result<std::string> start() {
    return wait_for_start(controller, "http://host/queue/item/3", waiting, clock, pause());
  }
};

const auto running = answer(200, R"({"building": true})");
const auto green = answer(200, R"({"building": false, "result": "SUCCESS", "number": 7})");

}  // namespace

TEST_CASE("a build is polled until it ends") {
  Setting s;
  s.answers.next = {running, running, green};
  const auto build = s.end();
  REQUIRE(build);
  CHECK(build->result == "SUCCESS");
  CHECK(build->number == 7);
  CHECK(s.answers.asked.size() == 3);
  CHECK(s.clock.steady() == SteadyTime{} + std::chrono::seconds{10});
}

TEST_CASE("an unreachable controller is retried for a limited time") {
  Setting s;
  s.answers.next = {running, answer(503, ""), no_answer(), answer(500, ""), green};
  CHECK(s.end());

  Setting gone;
  gone.answers.next = {running, no_answer()};
  const auto build = gone.end();
  REQUIRE_FALSE(build);
  CHECK(build.error().kind == ErrorKind::infra);
  // Requests at 0, then without a response at 5, 10, 15 and 20 seconds; and a last attempt to stop the build.
  CHECK(gone.answers.asked.size() == 6);
}

TEST_CASE("a final response ends the polling") {
  Setting s;
  s.answers.next = {answer(404, "")};
  CHECK(s.end().error().kind == ErrorKind::not_found);
  s.answers.next = {answer(200, "no JSON")};
  CHECK(s.end().error().kind == ErrorKind::invalid);
  s.answers.next = {answer(401, "")};
  CHECK(s.start().error().kind == ErrorKind::config);
}

TEST_CASE("a build that takes too long, or whose wait is interrupted, is stopped") {
  Setting s;
  s.answers.next = {running};
  CHECK(s.end().error().kind == ErrorKind::infra);
  CHECK(s.answers.asked.back() == "POST http://host/job/a/7/stop");

  Setting interrupted;
  interrupted.pauses_until_interrupted = 2;
  interrupted.answers.next = {running};
  CHECK(interrupted.end().error().kind == ErrorKind::interrupted);
  CHECK(interrupted.answers.asked.back() == "POST http://host/job/a/7/stop");
}

TEST_CASE("an item that does not start is removed from the queue, unless it is cancelled") {
  Setting s;
  s.answers.next = {answer(200, R"({"why": "no executor"})")};
  CHECK(s.start().error().kind == ErrorKind::infra);
  CHECK(s.answers.asked.back() == "POST http://host/queue/cancelItem?id=3");

  Setting cancelled;
  cancelled.answers.next = {answer(200, R"({"cancelled": true})")};
  CHECK(cancelled.start().error().kind == ErrorKind::infra);
  CHECK(cancelled.answers.asked.size() == 1);
}

TEST_CASE("a queue item turns into a build") {
  Setting s;
  s.answers.next = {answer(200, "{}"), answer(200, R"({"executable": null})"),
                    answer(200, R"({"executable": {"url": "https://proxy/job/a/7/"}})")};
  CHECK(s.start().value() == "http://host/job/a/7");
}

TEST_CASE("build results are mapped to exit codes") {
  CHECK(exit_code_of({"", 1, false, "SUCCESS"}) == 0);
  CHECK(exit_code_of({"", 1, false, "UNSTABLE"}) == 1);
  for (const char* bad : {"FAILURE", "ABORTED", "NOT_BUILT", ""}) CHECK(exit_code_of({"", 1, false, bad}) == 3);
}
