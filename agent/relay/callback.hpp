// SPDX-License-Identifier: Apache-2.0
// One callback to the relay: the job, and what to report about it.
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

// Parse the callback URL as http::parse_url(). It must not end in a slash, because the relay answers that with 404.
Result<http::Url> parse_callback_url(const std::string& text, bool force_http = false);

enum class Status { in_progress, completed };
std::string_view name(Status status);
// Error: usage.
Result<Status> parse_status(std::string_view text);

enum class Conclusion { success, failure, cancelled, timed_out };
std::string_view name(Conclusion conclusion);
// Error: usage.
Result<Conclusion> parse_conclusion(std::string_view text);

// The reporting job. Both callbacks of a job have the same values.
struct Job {
  std::string repository;   // owner/name; not sent: the token has it
  std::string run_id;       // of the bridging GitHub run
  std::string run_attempt;  // from 1; a rerun increments it
  std::string workflow, job_name, check_run_id;
};

struct TestResults {
  std::size_t passed = 0, failed = 0, skipped = 0;
  std::size_t total = 0;  // including those that could not be run

  bool operator==(const TestResults&) const = default;
};

struct FailedTest {
  std::string name, classname, message, stacktrace;
  double duration_s = 0;
};

struct Callback {
  Status status = Status::in_progress;
  Job job;
  std::string started_at, completed_at;  // RFC 3339; empty: not sent
  std::optional<Conclusion> conclusion;  // only of a completed job
  std::optional<TestResults> test_results;
  std::vector<FailedTest> failed_tests;
  std::string url, artifact_url;  // empty: none
  std::string verdict;            // checked JSON (verdict.hpp); empty: none
  std::string environment;        // stack key of the tests; empty: unknown
};

// Check for values that the relay would refuse, lose or fail on: a run id that is not a number, a job name that breaks
// its sweeper, a repository that is not owner/name, a completed callback without conclusion, in_progress without a
// dispatch. Error: usage; the hint names the option.
Result<void> check(const Callback& callback, const ClientPayload& payload);

struct Body {
  std::string text;                // JSON: the payload with "workflow" as its last member
  std::vector<std::string> notes;  // what was omitted or cut to stay within the limits, for people
};

struct BodyLimits {
  std::size_t bytes = 2'000'000;
  std::size_t failed_tests = 1000;
  std::size_t message = 1000;     // bytes
  std::size_t stacktrace = 4000;  // bytes
};

// Build the body of a checked callback. `failed_tests_key`: the key for failed tests within "workflow"; empty: they are
// not sent. Details of failed tests are omitted until the body fits, stack traces first. Error: invalid (still too
// large).
Result<Body> make_body(const Callback& callback, const ClientPayload& payload, const std::string& failed_tests_key,
                       const BodyLimits& limits = {});

}  // namespace spyre::relay
