// SPDX-License-Identifier: Apache-2.0
// One callback to the relay: which job it is about, and what is said of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/http/url.hpp"
#include "agent/relay/client_payload.hpp"

namespace spyre::relay {

// Where callbacks go: as http::parse_url(); besides, it must not end in a slash, which the relay answers with 404.
Result<http::Url> parse_callback_url(const std::string& text, bool force_http = false);

enum class Status { in_progress, completed };
std::string_view name(Status status);
// Error: usage.
Result<Status> parse_status(std::string_view text);

enum class Conclusion { success, failure, cancelled, timed_out };
std::string_view name(Conclusion conclusion);
// Error: usage.
Result<Conclusion> parse_conclusion(std::string_view text);

// Who reports. Both callbacks of a job carry the same.
struct Job {
  std::string repository;   // owner/name; not sent: the token says it
  std::string run_id;       // of the GitHub run that bridges
  std::string run_attempt;  // from 1; a rerun counts it up
  std::string workflow, job_name, check_run_id;
};

struct TestResults {
  std::size_t passed = 0, failed = 0, skipped = 0;
  std::size_t total = 0;  // also those that could not be run

  bool operator==(const TestResults&) const = default;
};

struct FailedTest {
  std::string name, classname, message, stacktrace;
  double duration_s = 0;
};

struct Callback {
  Status status = Status::in_progress;
  Job job;
  std::string started_at, completed_at;  // RFC 3339; empty: not said
  std::optional<Conclusion> conclusion;  // of a completed one
  std::optional<TestResults> test_results;
  std::vector<FailedTest> failed_tests;
  std::string url, artifact_url;  // empty: none
  std::string verdict;            // JSON, checked (verdict.hpp); empty: none
  std::string environment;        // key of the stack that the tests ran on; empty: unknown
};

// What the relay would refuse, lose or stumble over: a run id that is no number, a job name that breaks its sweeper,
// a repository that is not owner/name, a completed callback without conclusion, in_progress without a dispatch.
// Error: usage; the hint names the option.
Result<void> check(const Callback& callback, const ClientPayload& payload);

struct Body {
  std::string text;                // JSON: the payload with "workflow" at its end
  std::vector<std::string> notes;  // what was left out or cut to keep within the limits, for people
};

struct BodyLimits {
  std::size_t bytes = 2'000'000;
  std::size_t failed_tests = 1000;
  std::size_t message = 1000;     // bytes
  std::size_t stacktrace = 4000;  // bytes
};

// `callback` has been checked. `failed_tests_key`: where within "workflow" they stand; empty: they are not sent.
// Details of failed tests are left out, stack traces first, until the body fits. Error: invalid (too large all the
// same).
Result<Body> make_body(const Callback& callback, const ClientPayload& payload, const std::string& failed_tests_key,
                       const BodyLimits& limits = {});

}  // namespace spyre::relay
