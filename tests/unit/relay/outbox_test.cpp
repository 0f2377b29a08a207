// SPDX-License-Identifier: Apache-2.0
// Messages on their way: in order, each once, even if a process dies or the clock jumps.
#include "agent/core/files.hpp"
#include "agent/relay/flush.hpp"
#include "agent/relay/outbox_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/relay/fakes.hpp"
#include "tests/unit/relay/payloads.hpp"

using namespace spyre;
using namespace spyre::relay;

namespace {

const std::string url = "https://relay.example/github/callback";
constexpr ClaimRules claim_rules{300'000, 300'000, 90};

Message message(Status status, const std::string& delivery = "d-1") {
  return {some_job(), delivery, status, url,
          fmt::format("{{\"delivery\":\"{}\",\"status\":\"{}\"}}", delivery, name(status))};
}

struct Place {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  std::filesystem::path file = directory.path() / "state" / "outbox.sqlite";
  Outbox outbox = Outbox::open(file).value();
  LooseClock clock;
  FakeTransport transport;
  FakeTokens tokens{token_of(good_claims(1'800'000'000))};
  FlushSettings settings;

  Place() {
    settings.random = [] { return 0.5; };
    settings.pause = [this](Seconds time) { clock.pass(milliseconds(time)); };
    answers({200, R"({"ok":true,"status":"completed"})", "", ""});
  }
  void answers(const http::Response& answer) {
    transport.answer = [answer](const http::Request&) { return answer; };
  }
  void add(Status status, const std::string& delivery = "d-1") {
    REQUIRE(outbox.add(message(status, delivery), clock.now()));
  }
  FlushReport flush() {
    const auto report = relay::flush(outbox, transport, tokens, clock, settings);
    REQUIRE(report);
    return *report;
  }
  std::vector<std::string> states() {
    std::vector<std::string> names;
    const std::vector<Entry> entries = outbox.entries().value();
    for (const Entry& entry : entries) names.emplace_back(name(entry.state));
    return names;
  }
  std::vector<std::string> sent() const {
    std::vector<std::string> bodies;
    for (const http::Request& request : transport.requests) bodies.push_back(request.body);
    return bodies;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("both messages of a job are sent in order, each with its own token") {
  Place place;
  place.add(Status::in_progress);
  place.add(Status::completed);
  const FlushReport report = place.flush();
  CHECK(report.delivered == 2);
  CHECK(report.waiting == 0);
  CHECK(place.sent() == Names{message(Status::in_progress).body, message(Status::completed).body});
  CHECK(place.tokens.reads == 2);
  CHECK(place.transport.requests[0].url.host == "relay.example");
  CHECK(place.flush().attempts == 0);
  CHECK(place.states() == Names{"delivered", "delivered"});
}

TEST_CASE("an outbox message is stored once") {
  Place place;
  CHECK(place.outbox.add(message(Status::completed), 1)->is_new);
  Message again = message(Status::completed);
  again.body = "{}";
  const auto second = place.outbox.add(again, 2);
  REQUIRE(second);
  CHECK_FALSE(second->is_new);
  place.flush();
  CHECK(place.sent() == Names{message(Status::completed).body});
  again.job.run_attempt = "2";
  CHECK(place.outbox.add(again, 3)->is_new);
}

TEST_CASE("both callbacks of a job must have the same check run id") {
  Place place;
  place.add(Status::in_progress);
  Message other = message(Status::completed);
  other.job.check_run_id = "78";
  const auto added = place.outbox.add(other, 2);
  REQUIRE_FALSE(added);
  CHECK(added.error().kind == ErrorKind::usage);
  CHECK(added.error().message.find("'77'") != std::string::npos);
}

TEST_CASE("completed waits until in_progress is settled in any way") {
  Place place;
  place.add(Status::in_progress);
  place.add(Status::completed);
  place.add(Status::in_progress, "d-2");
  place.answers({503, "", "", ""});
  place.flush();
  CHECK(place.states() == Names{"waiting", "waiting", "waiting"});
  CHECK(place.transport.requests.size() == 2);  // the other job's, not the completed one's
  place.answers({401, "", "", ""});
  place.clock.pass(60'000);
  place.flush();
  // The relay may have accepted in_progress although HUD did not: only its response to completed is evidence.
  CHECK(place.states() == Names{"dead", "dead", "dead"});
  CHECK(place.transport.requests.size() == 5);
}

TEST_CASE("a call with an unknown end and the conflict after it count as delivered") {
  Place place;
  place.add(Status::in_progress);
  place.transport.answer = [](const http::Request&) {
    return tl::make_unexpected(http::TransportError{true, "time-out"});
  };
  place.flush();
  CHECK(place.states() == Names{"waiting"});
  place.answers({400, "invalid state transition", "", ""});
  place.clock.pass(60'000);
  place.flush();
  CHECK(place.states() == Names{"probably_delivered"});
}

TEST_CASE("a conflict after a refused in_progress is no evidence that completed arrived") {
  Place place;
  place.add(Status::in_progress);
  place.add(Status::completed);
  place.answers({302, "", "", ""});
  place.flush();
  CHECK(place.states() == Names{"dead", "dead"});
  place.clock.pass(60'000);
  CHECK(place.outbox.revive(place.clock.now()) == 2);
  int calls = 0;
  place.transport.answer = [&](const http::Request&) -> http::Reply {
    ++calls;
    if (calls == 1) return http::Response{302, "", "", ""};
    if (calls == 2) return tl::make_unexpected(http::TransportError{true, "cut off"});
    return http::Response{400, "invalid state transition", "", ""};
  };
  place.flush();
  place.clock.pass(60'000);
  place.flush();
  CHECK(place.states() == Names{"dead", "dead"});
  CHECK(place.outbox.revive(place.clock.now()) == 2);
  place.answers({200, R"({"ok":true,"status":"completed"})", "", ""});
  place.flush();
  CHECK(place.states() == Names{"delivered", "delivered"});
}

TEST_CASE("an agent that died while sending may have sent") {
  Place place;
  place.add(Status::completed);
  const bool began = GENERATE(true, false);
  const Next next = place.outbox.claim("", claim_rules, place.clock.now()).value();
  REQUIRE(next.claim);
  if (began) REQUIRE(place.outbox.about_to_send(*next.claim));
  // No other process takes it during the claim.
  const Next other = place.outbox.claim("", claim_rules, place.clock.now()).value();
  CHECK_FALSE(other.claim);
  CHECK(other.wait == claim_rules.length);
  place.answers({400, "invalid state transition", "", ""});
  place.clock.pass(claim_rules.length + 1);
  place.flush();
  CHECK(place.states() == Names{began ? "probably_delivered" : "dead"});
  // The late result of the first process has no effect.
  CHECK(place.outbox.record(*next.claim, {State::delivered, true, false, ""}, 0, 0) == false);
}

TEST_CASE("without a valid token no message is sent") {
  Place place;
  place.add(Status::completed);
  place.tokens.text = token_of(good_claims(1'600'000'000));
  place.flush();
  CHECK(place.states() == Names{"waiting"});
  CHECK(place.outbox.entries()->front().reason.find("expired") != std::string::npos);
  CHECK_FALSE(place.outbox.entries()->front().may_have_arrived);
  place.tokens.text = token_of(good_claims(1'800'000'000, "torch-spyre/Torch-Spyre"));
  place.clock.pass(60'000);
  place.flush();
  CHECK(place.states() == Names{"dead"});
  CHECK(place.transport.requests.empty());
  // With a valid token it can be sent again.
  place.tokens.text = token_of(good_claims(1'800'000'000));
  CHECK(place.outbox.revive(place.clock.now()) == 1);
  place.flush();
  CHECK(place.states() == Names{"delivered"});
}

TEST_CASE("a token that the response quotes is not stored") {
  Place place;
  place.add(Status::completed);
  place.transport.answer = [&](const http::Request&) {
    return http::Response{400, "bad: " + place.tokens.text, "", ""};
  };
  place.flush();
  CHECK(place.outbox.entries()->front().reason.find("bad: (token)") != std::string::npos);
}

TEST_CASE("a message is given up after its time limit, with a reason") {
  Place place;
  place.add(Status::completed);
  place.answers({503, "", "", ""});
  for (int i = 0; i < 200 && place.states() == Names{"waiting"}; ++i) {
    place.flush();
    place.clock.pass(300'000);
  }
  CHECK(place.states() == Names{"dead"});
  const Entry entry = place.outbox.entries()->front();
  CHECK(entry.reason.starts_with("given up after 5 h"));
  CHECK(entry.attempts > 50);
}

TEST_CASE("a flush with a waiting time continues until the relay is reachable") {
  Place place;
  place.add(Status::completed);
  int calls = 0;
  place.transport.answer = [&](const http::Request&) -> http::Reply {
    if (++calls < 4) return tl::make_unexpected(http::TransportError{false, "refused"});
    return http::Response{200, R"({"ok":true,"status":"completed"})", "", ""};
  };
  place.settings.wait = Seconds{600};
  CHECK(place.flush().delivered == 1);
  CHECK(calls == 4);
  place.add(Status::completed, "d-2");
  place.answers({503, "", "", ""});
  CHECK(place.flush().waiting == 1);
}

TEST_CASE("calls are limited per minute, and a pause holds for all processes") {
  Place place;
  for (int i = 0; i < 300; ++i) place.add(Status::completed, fmt::format("d-{}", i));
  CHECK(place.flush().delivered == 18);
  place.clock.pass(60'000);
  CHECK(place.flush().delivered == 18);
  place.settings.wait = Seconds{60};
  const int in_a_minute = place.flush().delivered;
  CHECK((in_a_minute > 68 && in_a_minute <= 72));  // waits are whole milliseconds
  place.answers({429, "", "", ""});
  place.settings.wait = Seconds{0};
  place.clock.pass(1000);
  Outbox other = Outbox::open(place.file).value();
  CHECK(relay::flush(other, place.transport, place.tokens, place.clock, place.settings)->attempts == 1);
  place.clock.pass(50'000);
  CHECK(place.flush().attempts == 0);
  place.clock.pass(12'000);
  CHECK(place.flush().attempts >= 1);
}

TEST_CASE("a clock that is set back does not stall messages for long") {
  Place place;
  place.add(Status::completed);
  place.answers({503, "", "", ""});
  place.flush();
  place.clock.jump(-std::int64_t{400} * 24 * 3600 * 1000);
  place.answers({200, R"({"ok":true,"status":"completed"})", "", ""});
  place.settings.wait = Seconds{120};
  CHECK(place.flush().delivered == 1);
}

TEST_CASE("a clock that is set ahead does not cost a message its attempts") {
  Place place;
  place.add(Status::completed);
  place.clock.jump(std::int64_t{400} * 24 * 3600 * 1000);
  place.tokens.text = token_of(good_claims(2'800'000'000));
  place.transport.answer = [](const http::Request&) {
    return tl::make_unexpected(http::TransportError{false, "refused"});
  };
  place.flush();
  CHECK(place.states() == Names{"waiting"});
}

TEST_CASE("no message is sent to an unsafe URL") {
  Place place;
  Message wrong = message(Status::completed);
  wrong.url = "http://relay.example/github/callback";
  REQUIRE(place.outbox.add(wrong, place.clock.now()));
  place.flush();
  CHECK(place.transport.requests.empty());
  CHECK(place.states() == Names{"dead"});
}

TEST_CASE("the outbox as a document") {
  Place place;
  place.add(Status::in_progress);
  place.add(Status::completed, "d-2");
  place.answers({401, "", "", ""});
  place.settings.job = job_key(some_job(), "d-2");
  place.flush();
  const auto document = outbox_document(place.outbox.entries().value());
  CHECK(schema_violations(document, "outbox").empty());
  CHECK(document["counts"]["dead"] == 1);
  CHECK(document["messages"][0]["due"] == "2023-11-14T22:13:20.000Z");
  CHECK(describe(place.outbox.entries()->back())
            .starts_with("completed of spyre / stage 1 (d-2): dead after 1 attempt: 401"));
}

TEST_CASE("a database of another program is not an outbox") {
  Place place;
  const auto history = "sqlite://" + (place.directory.path() / "history.sqlite").string();
  REQUIRE(database::Connection::open(history, {.noun = "history", .application_id = 7})
              ->run("CREATE TABLE mine (x INTEGER)"));
  const auto outbox = Outbox::open(place.directory.path() / "history.sqlite");
  REQUIRE_FALSE(outbox);
  CHECK(outbox.error().message.starts_with("outbox "));
  CHECK(outbox.error().hint.find("relay.outbox") != std::string::npos);
  REQUIRE(open_outbox_file(place.file)->set_schema_version(99));
  CHECK(Outbox::open(place.file).error().kind == ErrorKind::invalid);
}
