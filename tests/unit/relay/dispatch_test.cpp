// SPDX-License-Identifier: Apache-2.0
// From a dispatch to a run, and from a run to the report to the relay.
#include "agent/core/files.hpp"
#include "agent/relay/accept.hpp"
#include "agent/relay/conclusion.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/relay/payloads.hpp"
#include "tests/unit/results/events.hpp"

using namespace spyre;
using namespace spyre::relay;
using namespace spyre::results::test;
using nlohmann::json;
using results::Outcome;

namespace {

using Names = std::vector<std::string>;
const SystemTime now{std::chrono::seconds{1'700'000'000}};
const DispatchRules rules{{"pytorch/pytorch"}, "impact", "1"};

struct Desk {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  Acceptor acceptor = Acceptor::open(directory.path() / "outbox.sqlite", rules).value();

  Accepted accept(const std::string& text) {
    auto accepted = acceptor.accept(text, "event.json", now);
    REQUIRE(accepted);
    CHECK(schema_violations(to_json(*accepted), "dispatch").empty());
    return *accepted;
  }
};

Error refusal(const std::string& payload, const std::string& type = "pull_request") {
  Desk desk;
  const auto accepted = desk.acceptor.accept(client_payload(payload, "d-1", type), "event.json", now);
  REQUIRE_FALSE(accepted);
  CHECK(accepted.error().kind == ErrorKind::invalid);
  return accepted.error();
}

results::RunRecord run_of(const std::vector<std::pair<Outcome, std::string>>& cases, std::vector<json> more = {},
                          bool whole = true) {
  std::vector<json> events{run_started({{"b", "test/test_a.py", {}}}),
                           simple("batch_started", {{"batch", "b"}, {"card", 0}}), collected("b", {})};
  int number = 0;
  for (const auto& [outcome, text] : cases) {
    events.push_back(finished("b", fmt::format("test/test_a.py::TestA::test_{}", number++), outcome, text));
  }
  events.insert(events.end(), more.begin(), more.end());
  if (whole) events.push_back(simple("run_finished", {{"wall_s", 60.0}}));
  return record_of(events);
}

std::string said(const results::RunRecord& record) {
  const auto report = conclude({record});
  REQUIRE(report);
  const std::string category =
      report->verdict.empty() ? "" : json::parse(report->verdict)["category"].get<std::string>();
  return fmt::format("{} {}", name(report->conclusion), category);
}

}  // namespace

TEST_CASE("a pull request gets a run by impact") {
  Desk desk;
  const Accepted accepted = desk.accept(client_payload());
  CHECK(accepted.decision == Decision::accepted);
  CHECK(to_json(accepted)["run"] == json{{"revision", "pr/7"},
                                         {"sha", head_sha},
                                         {"select", {{"impact", {{"base", base_sha}}}}},
                                         {"priority", "normal"}});
  const std::string labelled = pull_request("labeled", 8, "pytorch/pytorch", R"([{"name":"ciflow/crcr/spyre"}])");
  CHECK(desk.accept(client_payload(labelled, "d-2")).run->priority == "high");
  CHECK(desk.accept(client_payload(push(), "d-3", "push")).run->stage == "1");
}

TEST_CASE("a delivery is accepted once, also across processes") {
  Desk desk;
  desk.accept(client_payload());
  CHECK(desk.accept(client_payload()).decision == Decision::duplicate);
  Acceptor other = Acceptor::open(desk.directory.path() / "outbox.sqlite", rules).value();
  const auto again = other.accept(client_payload(), "x", now);
  CHECK(again->decision == Decision::duplicate);
  CHECK(again->run);
  CHECK(again->supersedes.empty());
}

TEST_CASE("a newer delivery supersedes all earlier ones of its pull request") {
  Desk desk;
  desk.accept(client_payload(pull_request(), "d-1"));
  desk.accept(client_payload(pull_request("synchronize", 8), "d-8"));
  CHECK(desk.accept(client_payload(pull_request(), "d-2")).supersedes == Names{"d-1"});
  CHECK(desk.accept(client_payload(pull_request(), "d-3")).supersedes == Names{"d-2"});
  CHECK(desk.accept(client_payload(push(), "d-4", "push")).supersedes.empty());
}

TEST_CASE("closed pull requests and deleted branches have no run") {
  Desk desk;
  CHECK(desk.accept(client_payload(pull_request("closed"))).decision == Decision::ignored);
  CHECK(desk.accept(client_payload(push(std::string(40, '0')), "d-2", "push")).reason == "refs/heads/main was deleted");
}

TEST_CASE("dispatches of other repositories and invalid webhooks are refused with the field") {
  CHECK(refusal(pull_request("opened", 7, "pytorch/PyTorch")).message.find("not one of the upstream") !=
        std::string::npos);
  CHECK(refusal("{}").message.find("payload.repository.full_name") != std::string::npos);
  CHECK(refusal(push()).message.find("payload.action") != std::string::npos);
  CHECK(refusal(pull_request("opened", 0)).message.find("pull_request.number") != std::string::npos);
  CHECK(refusal(pull_request("opened", -3)).message.find("pull_request.number") != std::string::npos);
  CHECK(refusal(push("--upload-pack=x"), "push").message.find("payload.after") != std::string::npos);
  CHECK(refusal(push(), "nightly").message.find("nightly") != std::string::npos);
}

TEST_CASE("conclusions of a passed and a failed run") {
  const auto report = conclude({run_of({{Outcome::passed, ""}, {Outcome::xfailed, ""}, {Outcome::skipped, "no GPU"}})});
  REQUIRE(report);
  CHECK(report->conclusion == Conclusion::success);
  CHECK(report->test_results == TestResults{2, 0, 1, 3});
  CHECK(report->started_at == "2026-11-22T03:35:00.123Z");
  CHECK(report->verdict.empty());
  const auto failed =
      conclude({run_of({{Outcome::passed, ""}, {Outcome::crashed, "SIGSEGV"}, {Outcome::timed_out, ""}})});
  CHECK(failed->conclusion == Conclusion::failure);
  CHECK(failed->test_results == TestResults{1, 2, 0, 3});
  CHECK(failed->failed_tests[0].classname == "test.test_a.TestA");
  CHECK(failed->failed_tests[0].name == "test_1");
  CHECK(failed->failed_tests[0].message == "SIGSEGV");
  CHECK(failed->failed_tests[1].message == "timed_out");
}

TEST_CASE("a run that could not run its tests is not a failure, and has a reason") {
  using Kind = results::Cause::Kind;
  const auto not_run = [](const std::string& reason, results::Cause cause = {}) {
    return simple("batch_not_run", {{"batch", "b"}, {"reason", reason}, {"cause", results::to_json(cause)}});
  };
  const auto waits = collected("b", {{"test/test_a.py::test_w", ""}});
  CHECK(said(run_of({{Outcome::passed, ""}}, {waits, not_run("card 0 is faulty")})) == "cancelled infra");
  CHECK(said(run_of({{Outcome::failed, "x"}}, {waits, not_run("", {Kind::run_limit, 3600})})) == "timed_out infra");
  CHECK(said(run_of({}, {waits, not_run("", {Kind::batch_limit, 120})})) == "timed_out infra");
  CHECK(said(run_of({{Outcome::passed, ""}}, {simple("infra", {{"message", "no card is left"}})})) ==
        "cancelled infra");
  CHECK(said(run_of({{Outcome::passed, ""}}, {}, false)) == "cancelled infra");
  CHECK(said(run_of({})) == "cancelled unknown");
  results::RunRecord stopped = run_of({{Outcome::passed, ""}});
  stopped.interrupted_by = 15;
  CHECK(said(stopped) == "cancelled unknown");
  CHECK(conclude(Error{ErrorKind::infra, "no Python", ""}).verdict.find("no Python") != std::string::npos);
}

TEST_CASE("cases only over the budget are timed_out, unless a test failed") {
  const results::Cause budget{results::Cause::Kind::budget, 600};
  const auto waits = collected("b", {{"test/test_a.py::test_w", ""}});
  const auto not_run = simple("batch_not_run", {{"batch", "b"}, {"cause", results::to_json(budget)}});
  CHECK(said(run_of({{Outcome::passed, ""}}, {waits, not_run})) == "timed_out infra");
  CHECK(said(run_of({{Outcome::failed, "x"}}, {waits, not_run})) == "failure ");
  CHECK(said(run_of({{Outcome::passed, ""}}, {waits, not_run, simple("infra", {{"message", "a card is lost"}})})) ==
        "cancelled infra");
  const auto report = conclude({run_of({{Outcome::passed, ""}}, {waits, not_run})});
  CHECK(report->verdict.find("1 of 2 cases were not run. 1: over the budget of 10 min") != std::string::npos);
}

TEST_CASE("shards are one job of one revision, each only once") {
  results::RunRecord first = run_of({{Outcome::passed, ""}, {Outcome::passed, ""}});
  results::RunRecord second = run_of({{Outcome::failed, "x"}});
  CHECK(conclude({first, second}).error().message.find("twice") != std::string::npos);
  second.run_id = "r2";
  const auto report = conclude({first, second});
  REQUIRE(report);
  CHECK(report->conclusion == Conclusion::failure);
  CHECK(report->test_results == TestResults{2, 1, 0, 3});
  second.revision = "other";
  CHECK(conclude({first, second}).error().kind == ErrorKind::usage);
  CHECK(conclude(std::vector<results::RunRecord>{}).error().kind == ErrorKind::usage);
}
