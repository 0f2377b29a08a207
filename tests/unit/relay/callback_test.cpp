// SPDX-License-Identifier: Apache-2.0
// Callbacks to the relay: invalid ones are refused here, and all limits are respected.
#include "agent/core/text.hpp"
#include "agent/relay/verdict.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/relay/payloads.hpp"

using namespace spyre;
using namespace spyre::relay;
using nlohmann::json;

namespace {

const std::string key = "failed_tests_detail";

ClientPayload some_payload(const std::string& payload = pull_request()) {
  return read_client_payload(client_payload(payload), "x").value();
}

std::string callback_refusal(const Callback& callback, const ClientPayload& payload = some_payload()) {
  const auto checked = check(callback, payload);
  if (checked) return "taken";
  CHECK(checked.error().kind == ErrorKind::usage);
  CHECK_FALSE(checked.error().hint.empty());
  return checked.error().message;
}

std::string refusal_of(std::string Job::*field, const std::string& value) {
  Callback callback = completed();
  callback.job.*field = value;
  return callback_refusal(callback);
}

json workflow(const Callback& callback) {
  return json::parse(make_body(callback, some_payload(), key)->text)["workflow"];
}

std::vector<FailedTest> many(std::size_t count, std::size_t length) {
  return std::vector<FailedTest>(
      count, {"test_x", "test.test_a.TestA", std::string(length, 'm'), std::string(length, 's'), 1});
}

}  // namespace

TEST_CASE("a valid callback is accepted") {
  CHECK(callback_refusal(completed()) == "taken");
  Callback begun;
  begun.job = some_job();
  CHECK(callback_refusal(begun) == "taken");
}

TEST_CASE("values that the relay would lose or fail on are refused") {
  for (const char* id : {"", "0", "jenkins-spyre-42", "-1", "1.5", "12345678901234567890", " 7", "0x10"}) {
    CAPTURE(id);
    CHECK(refusal_of(&Job::run_id, id).find("run id '" + std::string(id)) != std::string::npos);
  }
  for (const char* attempt : {"", "0", "x"}) CHECK(refusal_of(&Job::run_attempt, attempt) != "taken");
  CHECK(refusal_of(&Job::job_name, "a:b").find("':'") != std::string::npos);
  CHECK(refusal_of(&Job::job_name, "17").find("number") != std::string::npos);
  CHECK(refusal_of(&Job::job_name, "") == "the job name is missing");
  CHECK(refusal_of(&Job::job_name, "a\nb") != "taken");
  CHECK(refusal_of(&Job::workflow, "") == "the workflow name is missing");
  CHECK(refusal_of(&Job::check_run_id, "") == "the check run id is missing");
  for (const char* name : {"", "spyre", "a/b/c", "a/", "/b", "a b/c", "a/b\n"}) {
    CHECK(refusal_of(&Job::repository, name) != "taken");
  }
  CHECK(refusal_of(&Job::job_name, "stage 1 / shard (2)") == "taken");
}

TEST_CASE("conclusion and status must match") {
  Callback callback = completed();
  callback.conclusion.reset();
  CHECK(callback_refusal(callback) == "a completed job needs a conclusion");
  callback.status = Status::in_progress;
  CHECK(callback_refusal(callback) == "taken");
  CHECK(
      callback_refusal(callback, undispatched("nightly", head_sha).value()).find("cannot be reported as in_progress") !=
      std::string::npos);
  callback.conclusion = Conclusion::failure;
  CHECK(callback_refusal(callback) == "a job in progress cannot have a conclusion");
  CHECK_FALSE(parse_status("done"));
  CHECK(parse_conclusion("green").error().hint == "one of success, failure, cancelled, timed_out");
}

TEST_CASE("links must be URLs of pages") {
  Callback callback = completed();
  callback.url = "javascript:alert(1)";
  CHECK(callback_refusal(callback) != "taken");
  callback.url = "https://jenkins.example/job/1/";
  CHECK(callback_refusal(callback) == "taken");
}

TEST_CASE("the body is the dispatch with the workflow as its last member") {
  const std::string strange = R"({"big":123456789012345678901234567890,"x":1,"x":2 , "u":"\u00e4\ud83c\udf0a"})";
  Callback callback = completed(Conclusion::failure);
  callback.started_at = "2026-11-22T03:00:00.000Z";
  callback.test_results = TestResults{5, 1, 2, 9};
  callback.url = "https://jenkins.example/1";
  callback.verdict = make_verdict("backend", "high", "it broke");
  callback.environment = "cards=spyre torch=2.6.0" + std::string(2000, 'x');
  callback.failed_tests = many(1, 10);
  const auto body = make_body(callback, some_payload(strange), key);
  REQUIRE(body);
  CHECK(body->notes.empty());
  const std::string echoed = client_payload(strange);
  CHECK(body->text.starts_with(echoed.substr(0, echoed.size() - 1) + ",\"workflow\":{\"status\":\"completed\""));
  const json workflow = json::parse(body->text)["workflow"];
  CHECK(workflow["run_id"] == 123);
  CHECK(workflow["run_attempt"] == 1);
  CHECK(workflow["schema_version"] == "1");
  CHECK(workflow["conclusion"] == "failure");
  CHECK(workflow["test_results"] == json{{"passed", 5}, {"failed", 1}, {"skipped", 2}, {"total", 9}});
  CHECK(workflow["triage_verdict"]["category"] == "backend");
  CHECK(workflow["environment"] == callback.environment.substr(0, 1000));
  CHECK(workflow[key][0]["classname"] == "test.test_a.TestA");
  CHECK_FALSE(workflow.contains("completed_at"));
}

TEST_CASE("an in_progress callback has neither conclusion nor result") {
  Callback callback;
  callback.job = some_job();
  const json said = workflow(callback);
  CHECK(said["conclusion"].is_null());
  CHECK_FALSE(said.contains("test_results"));
}

TEST_CASE("texts of failed tests are cut between characters") {
  Callback callback = completed(Conclusion::failure);
  std::string umlauts;
  while (umlauts.size() < 9000) umlauts += "\xC3\xA4";
  callback.failed_tests = {{"n", "c", "m" + umlauts, umlauts, 0}, {"n", "c", "\xFF\xFE broken", "\xFF", 0}};
  const json list = workflow(callback)[key];
  CHECK(list[0]["message"].get<std::string>().size() == 999);
  CHECK(list[0]["stacktrace"].get<std::string>().size() <= 4096);
  const auto stacktrace = list[0]["stacktrace"].get<std::string>();
  CHECK(valid_utf8(stacktrace) == stacktrace);
  CHECK(list[1]["message"].get<std::string>().find("broken") != std::string::npos);
}

TEST_CASE("details are omitted until the body fits, and a note says so") {
  Callback callback = completed(Conclusion::failure);
  callback.failed_tests = many(1500, 100);
  auto body = make_body(callback, some_payload(), key);
  CHECK(json::parse(body->text)["workflow"][key].size() == 1000);
  CHECK(body->notes == std::vector<std::string>{"details of 500 failed tests were left out: 1000 are taken"});

  callback.failed_tests = many(1000, 100'000);
  body = make_body(callback, some_payload(), key);
  CHECK(body->text.size() <= 2'000'000);
  json list = json::parse(body->text)["workflow"][key];
  CHECK(list.size() == 1000);
  CHECK(list[0].contains("stacktrace"));
  CHECK_FALSE(list[999].contains("stacktrace"));
  CHECK(body->notes.size() == 1);

  BodyLimits tight;
  tight.bytes = some_payload().text.size() + 5000;
  body = make_body(callback, some_payload(), key, tight);
  CHECK(body->text.size() <= tight.bytes);
  CHECK(json::parse(body->text)["workflow"][key].size() < 5);
  CHECK(body->notes.size() == 2);
  tight.bytes = 100;
  CHECK(make_body(callback, some_payload(), key, tight).error().kind == ErrorKind::invalid);
  CHECK_FALSE(json::parse(make_body(callback, some_payload(), "")->text)["workflow"].contains(key));
}

TEST_CASE("a verdict that breaks the relay's rules is refused") {
  const auto verdict = [](const char* changed) {
    json base{{"schema_version", 1}, {"category", "infra"}, {"confidence", "low"}, {"summary", "why"}};
    base.update(json::parse(changed));
    return check_verdict(base.dump(), "v.json");
  };
  CHECK(verdict("{}"));
  CHECK(json::parse(*verdict(R"({"more":[1]})"))["more"] == json{1});
  for (const char* wrong :
       {R"({"schema_version":"1"})", R"({"schema_version":2})", R"({"category":"infrastructure"})",
        R"({"category":null})", R"({"confidence":"certain"})", R"({"summary":""})", R"({"summary":7})"}) {
    CAPTURE(wrong);
    CHECK(verdict(wrong).error().message.starts_with("v.json: \""));
  }
  CHECK(check_verdict("[]", "v.json").error().kind == ErrorKind::invalid);
  CHECK(check_verdict("{", "v.json").error().kind == ErrorKind::invalid);
  CHECK(verdict(("{\"summary\":\"" + std::string(17'000, 'x') + "\"}").c_str()).error().message.find("16 KB") !=
        std::string::npos);
  CHECK(check_verdict(make_verdict("unknown", "high", std::string(100'000, 'x') + "\xFF"), "x"));
}
