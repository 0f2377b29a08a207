// SPDX-License-Identifier: Apache-2.0
// The table of responses, row by row; waits; and the rate of calls.
#include "agent/relay/rules.hpp"

#include <rapidcheck.h>

#include "agent/relay/rate.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::relay;

namespace {

struct Row {
  const char* name;
  http::Reply reply;
  State first;            // no attempt before may have arrived
  State again;            // one may have
  bool may_have_arrived;  // now, if none before
};

http::Reply answer(int status, const char* body = "") {
  return http::Response{status, body, "", ""};
}

http::Reply no_answer(bool may_have_arrived) {
  return tl::make_unexpected(http::TransportError{may_have_arrived, "why"});
}

constexpr auto waiting = State::waiting;
constexpr auto probably = State::probably_delivered;

const Row rows[] = {
    {"in progress", answer(200, R"({"ok":true,"status":"in_progress"})"), State::delivered, State::delivered, true},
    {"completed", answer(200, R"({"ok":true,"status":"completed"})"), State::delivered, State::delivered, true},
    {"duplicate", answer(200, R"({"ok":true,"status":"duplicate"})"), State::delivered, State::delivered, true},
    {"ignored", answer(200, R"({"ok":true,"status":"ignored"})"), State::lost, State::lost, true},
    {"duplicate, without more", answer(200, R"({"status":"duplicate"})"), State::delivered, State::delivered, true},
    {"ignored, without more", answer(200, R"({"status":"ignored"})"), State::lost, State::lost, true},
    {"no status", answer(200, R"({"ok":true})"), probably, probably, true},
    {"a new status", answer(200, R"({"ok":true,"status":"queued"})"), probably, probably, true},
    {"not ok", answer(200, R"({"ok":false,"status":"completed"})"), waiting, waiting, true},
    {"a page", answer(200, "<html>please log in</html>"), waiting, waiting, true},
    {"nothing in it", answer(200), waiting, waiting, true},
    {"accepted by another server", answer(202), waiting, waiting, true},
    {"token", answer(401, R"({"detail":"expired"})"), State::dead, State::dead, false},
    {"pipeline", answer(403), State::dead, State::dead, false},
    {"path", answer(404, "Not Found"), State::dead, State::dead, false},
    {"bad field", answer(400, R"({"detail":"missing field"})"), State::dead, State::dead, false},
    {"no dispatch", answer(400, R"({"detail":"no matching dispatch record"})"), State::dead, State::dead, false},
    {"conflict", answer(400, R"({"detail":"Invalid state transition"})"), State::dead, probably, false},
    {"conflict at HUD", answer(409), State::dead, probably, false},
    {"too many", answer(429), waiting, waiting, false},
    {"HUD refused", answer(422, "no"), State::dead, State::dead, true},
    {"HUD down", answer(500), waiting, waiting, true},
    {"Redis cannot write", answer(503), waiting, waiting, true},
    {"gateway", answer(502), waiting, waiting, true},
    {"time-out of a gateway", answer(504), waiting, waiting, true},
    {"redirect", answer(302), State::dead, State::dead, false},
    {"not sent", no_answer(false), waiting, waiting, false},
    {"sent", no_answer(true), waiting, waiting, true},
};

}  // namespace

TEST_CASE("every response has one meaning") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Judgement first = judge({false, true}, row.reply);
    CHECK(name(first.state) == name(row.first));
    CHECK(first.may_have_arrived == row.may_have_arrived);
    const Judgement again = judge({true, true}, row.reply);
    CHECK(name(again.state) == name(row.again));
    CHECK(again.may_have_arrived);
    CHECK(first.too_many == (std::string(row.name) == "too many"));
    CHECK(first.reason.empty() == (first.state == State::delivered));
  }
}

TEST_CASE("a conflict is no evidence for a job that never began") {
  const http::Reply conflict = answer(400, "invalid state transition");
  CHECK(judge({true, true}, conflict).state == probably);
  CHECK(judge({true, false}, conflict).state == State::dead);
  CHECK(judge({true, false}, conflict).may_have_arrived);
  CHECK(judge({false, false}, conflict).state == State::dead);
}

TEST_CASE("reasons suggest a remedy and are one short line") {
  const auto reason = [](http::Reply reply) { return judge({}, reply).reason; };
  CHECK(reason(answer(401)).find("token") != std::string::npos);
  CHECK(reason(answer(200, R"({"ok":true,"status":"ignored"})")).find("allow-list") != std::string::npos);
  CHECK(reason(answer(400, "no matching dispatch record")).find("never dispatched") != std::string::npos);
  CHECK(reason(http::Response{307, "", "", "https://evil.example/"}).find("https://evil.example/") !=
        std::string::npos);
  const std::string noisy = reason(answer(500, "a\nb\x1B[31m\xFF"));
  CHECK(noisy.find_first_of("\n\x1B") == std::string::npos);
  CHECK(reason(http::Response{500, std::string(60'000, 'x'), "", ""}).size() < 500);
}

TEST_CASE("every possible response is judged") {
  CHECK(rc::check(
      "no answer is both delivered and waiting, and none crashes", [](int status, std::string body, bool before) {
        const Judgement judgement = judge({before, true}, http::Response{status % 1000, std::move(body), "", ""});
        RC_ASSERT(!before || judgement.may_have_arrived);
        RC_ASSERT(judgement.state != State::waiting || !judgement.reason.empty());
      }));
}

TEST_CASE("waits double up to twenty times the first, with jitter") {
  const Seconds first{15};
  CHECK(backoff(1, first, 0) == Seconds{7.5});
  CHECK(backoff(2, first, 0) == Seconds{15});
  CHECK(backoff(4, first, 0.5) == Seconds{90});
  CHECK(backoff(1000, first, 0.9999) <= longest_backoff(first));
  CHECK(rc::check("within half and all of the wait without jitter", [first](int attempts) {
    const Seconds low = backoff(attempts, first, 0), high = backoff(attempts, first, 0.999);
    RC_ASSERT(low > Seconds{0} && high < low * 2 && high <= longest_backoff(first));
  }));
}

TEST_CASE("a message is given up late, and never before its third attempt") {
  const Seconds limit{5 * 3600};
  CHECK_FALSE(is_hopeless(Seconds{5 * 3600 - 1}, 100, limit));
  CHECK(is_hopeless(limit, 3, limit));
  CHECK_FALSE(is_hopeless(Seconds{1e9}, 2, limit));
  CHECK_FALSE(is_hopeless(Seconds{-1e9}, 100, limit));
}

TEST_CASE("calls stay below the limit in every minute") {
  CHECK(rc::check("whenever calls are asked for", [] {
    const int limit = *rc::gen::inRange(1, 100);
    Bucket bucket = full_bucket(limit, 1'000'000);
    std::vector<Milliseconds> calls;
    Milliseconds now = 1'000'000;
    for (int i = 0; i < 400; ++i) {
      now += *rc::gen::element<Milliseconds>(0, 1, 50, 700, 5000, 61'000);
      const auto taken = take_call(bucket, limit, now);
      if (const auto* left = std::get_if<Bucket>(&taken)) {
        bucket = *left;
        calls.push_back(now);
      } else {
        RC_ASSERT(std::get<Milliseconds>(taken) > 0);
      }
    }
    for (std::size_t i = 0; i + static_cast<std::size_t>(limit) < calls.size(); ++i) {
      RC_ASSERT(calls[i + static_cast<std::size_t>(limit)] - calls[i] >= 60'000 || limit == 1);
    }
  }));
}

TEST_CASE("a call is available after the wait") {
  Bucket bucket{0, 5000};
  const Milliseconds wait = std::get<Milliseconds>(take_call(bucket, 90, 5000));
  CHECK(std::holds_alternative<Bucket>(take_call(bucket, 90, 5000 + wait)));
  CHECK_FALSE(std::holds_alternative<Bucket>(take_call(bucket, 90, 5000 + wait - 2)));
}

TEST_CASE("a pause lasts a minute, also when the clock is set back") {
  const Bucket paused = paused_bucket(100'000);
  CHECK(std::get<Milliseconds>(take_call(paused, 90, 100'000)) == 60'000);
  CHECK(std::holds_alternative<Bucket>(take_call(paused, 90, 162'000)));
  CHECK(std::get<Milliseconds>(take_call(paused, 90, 0)) < 60'000);
  // A clock that was set back does not refill the bucket.
  CHECK(std::holds_alternative<Milliseconds>(take_call(Bucket{0, 10'000'000}, 90, 5)));
}
