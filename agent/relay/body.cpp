// SPDX-License-Identifier: Apache-2.0
// The body of a callback, within the limits of the relay and of HUD.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/relay/callback.hpp"
#include "agent/relay/raw_json.hpp"

namespace spyre::relay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_environment = 1000;  // bytes

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::uint64_t number(const std::string& digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// Return at most the first `limit` bytes, without splitting a character.
std::string cut(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

// Cut before converting to valid UTF-8: texts of tests may be very long.
std::string beginning(const std::string& text, std::size_t limit) {
  return cut(valid_utf8(cut(text, limit)), limit);
}

Json workflow_of(const Callback& callback) {
  const Job& job = callback.job;
  Json workflow{{"status", name(callback.status)},        {"schema_version", "1"}, {"run_id", number(job.run_id)},
                {"run_attempt", number(job.run_attempt)}, {"name", job.workflow},  {"job_name", job.job_name},
                {"check_run_id", job.check_run_id},       {"conclusion", nullptr}};
  if (callback.conclusion) workflow["conclusion"] = name(*callback.conclusion);
  if (!callback.started_at.empty()) workflow["started_at"] = callback.started_at;
  if (!callback.completed_at.empty()) workflow["completed_at"] = callback.completed_at;
  if (const auto& results = callback.test_results) {
    workflow["test_results"] = {{"passed", results->passed},
                                {"failed", results->failed},
                                {"skipped", results->skipped},
                                {"total", results->total}};
  }
  if (!callback.url.empty()) workflow["url"] = callback.url;
  if (!callback.artifact_url.empty()) workflow["artifact_url"] = callback.artifact_url;
  if (!callback.environment.empty()) workflow["environment"] = beginning(callback.environment, longest_environment);
  if (!callback.verdict.empty()) workflow["triage_verdict"] = Json::parse(callback.verdict);
  return workflow;
}

// One failed test as JSON, without and with its stack trace.
struct Detail {
  std::string brief, full;
};

Detail detail_of(const FailedTest& test, const BodyLimits& limits) {
  Json json{{"name", beginning(test.name, limits.message)},
            {"classname", beginning(test.classname, limits.message)},
            {"message", beginning(test.message, limits.message)},
            {"duration", test.duration_s}};
  Detail detail{dump(json), {}};
  // The end of a traceback is the most important part, then its beginning.
  json["stacktrace"] = beginning(head_and_tail(test.stacktrace, limits.stacktrace), limits.stacktrace);
  detail.full = dump(json);
  return detail;
}

// Select as many as fit into `room` bytes: first all of them without stack traces, then with stack traces, in their
// order.
std::string fitting(const std::vector<Detail>& details, std::size_t room, std::vector<std::string>& notes) {
  std::size_t used = 2, listed = 0, traced = 0;
  for (; listed < details.size() && used + details[listed].brief.size() + 1 <= room; ++listed) {
    used += details[listed].brief.size() + 1;
  }
  for (; traced < listed; ++traced) {
    const std::size_t more = details[traced].full.size() - details[traced].brief.size();
    if (used + more > room) break;
    used += more;
  }
  std::string list = "[";
  for (std::size_t i = 0; i < listed; ++i) {
    if (i > 0) list += ',';
    list += i < traced ? details[i].full : details[i].brief;
  }
  if (listed < details.size()) {
    notes.push_back(
        fmt::format("details of {} failed tests were left out: the body would be too large", details.size() - listed));
  }
  if (traced < listed) {
    notes.push_back(
        fmt::format("stack traces of {} failed tests were left out: the body would be too large", listed - traced));
  }
  return list + "]";
}

std::vector<Detail> details_of(const std::vector<FailedTest>& tests, const BodyLimits& limits,
                               std::vector<std::string>& notes) {
  const std::size_t count = std::min(tests.size(), limits.failed_tests);
  std::vector<Detail> details;
  details.reserve(count);
  for (std::size_t i = 0; i < count; ++i) details.push_back(detail_of(tests[i], limits));
  if (count < tests.size()) {
    notes.push_back(fmt::format("details of {} failed tests were left out: {} are taken", tests.size() - count, count));
  }
  return details;
}

}  // namespace

Result<Body> make_body(const Callback& callback, const ClientPayload& payload, const std::string& failed_tests_key,
                       const BodyLimits& limits) {
  Body body;
  std::string workflow = dump(workflow_of(callback));
  const std::size_t frame = payload.text.size() + workflow.size() + failed_tests_key.size() + 30;
  if (!failed_tests_key.empty() && !callback.failed_tests.empty() && frame < limits.bytes) {
    const std::vector<Detail> details = details_of(callback.failed_tests, limits, body.notes);
    const std::string list = fitting(details, limits.bytes - frame, body.notes);
    workflow = with_member(workflow, failed_tests_key, list);
  }
  body.text = with_member(payload.text, "workflow", workflow);
  if (body.text.size() <= limits.bytes) return body;
  return fail(ErrorKind::invalid,
              fmt::format("the callback has {} bytes even without details of tests; HUD takes {}", body.text.size(),
                          limits.bytes),
              "the dispatch itself is too large: report it to the relay's maintainers");
}

}  // namespace spyre::relay
