// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/callback.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::relay {
namespace {

constexpr std::array<std::string_view, 2> status_names{"in_progress", "completed"};
constexpr std::array<std::string_view, 4> conclusion_names{"success", "failure", "cancelled", "timed_out"};
// HUD is written in JavaScript: larger integers lose precision.
constexpr std::uint64_t largest_id = (std::uint64_t{1} << 53) - 1;
constexpr std::uint64_t largest_attempt = 100'000;

template <typename Names>
Result<std::size_t> index_in(const Names& names, std::string_view text, std::string_view what) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  return fail(ErrorKind::usage, fmt::format("'{}' is not a {}", shorten(text, 60), what),
              fmt::format("one of {}", fmt::join(names, ", ")));
}

tl::unexpected<Error> wrong(std::string message, std::string hint) {
  return fail(ErrorKind::usage, std::move(message), std::move(hint));
}

Result<void> check_count(std::string_view what, const std::string& text, std::uint64_t largest, std::string hint) {
  const auto number = parse_count(text, largest);
  if (number && *number != 0) return {};
  return wrong(fmt::format("the {} '{}' is not a number from 1 to {}", what, shorten(text, 60), largest),
               std::move(hint));
}

Result<void> check_name(std::string_view what, const std::string& text, std::string hint) {
  if (is_name(text)) return {};
  const char* problem = text.empty() ? "is missing" : "contains control characters or is longer than 255 bytes";
  return wrong(fmt::format("the {} {}", what, problem), std::move(hint));
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

Result<void> check_repository(const std::string& repository) {
  const auto parts = split(repository, '/');
  if (parts.size() == 2 && is_word(parts[0]) && is_word(parts[1])) return {};
  return wrong(fmt::format("the repository '{}' is not owner/name", shorten(repository, 100)),
               "give --repository as the relay's allow-list spells it, case included, such as torch-spyre/torch-spyre");
}

Result<void> check_job_name(const std::string& job_name) {
  CHECK_OK(check_name("job name", job_name, "give --job-name: HUD loses jobs without one"));
  const bool is_number = std::all_of(job_name.begin(), job_name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (job_name.find(':') == std::string::npos && !is_number) return {};
  return wrong(fmt::format("the job name '{}' {}", job_name, is_number ? "is a number" : "contains a ':'"),
               "choose another --job-name: this one breaks the relay's search for jobs that hang");
}

Result<void> check_job(const Job& job) {
  CHECK_OK(check_repository(job.repository));
  CHECK_OK(check_count("run id", job.run_id, largest_id,
                       "give --run-id the id of the GitHub run that bridges ($GITHUB_RUN_ID), not Jenkins' own"));
  CHECK_OK(check_count("run attempt", job.run_attempt, largest_attempt, "give --run-attempt, 1 for the first"));
  CHECK_OK(check_name("workflow name", job.workflow, "give --workflow"));
  CHECK_OK(check_job_name(job.job_name));
  return check_name("check run id", job.check_run_id, "give --check-run-id, the same in both callbacks of a job");
}

Result<void> check_link(std::string_view option, const std::string& link) {
  if (link.empty() || (is_name(link.substr(0, 255)) && link.size() <= 2000 &&
                       (link.starts_with("https://") || link.starts_with("http://")))) {
    return {};
  }
  return wrong(fmt::format("{} '{}' is not the URL of a page", option, shorten(link, 60)), "write it as https://…");
}

}  // namespace

std::string_view name(Status status) {
  return status_names[static_cast<std::size_t>(status)];
}

Result<Status> parse_status(std::string_view text) {
  TRY(const std::size_t index, index_in(status_names, text, "status of a job"));
  return static_cast<Status>(index);
}

std::string_view name(Conclusion conclusion) {
  return conclusion_names[static_cast<std::size_t>(conclusion)];
}

Result<Conclusion> parse_conclusion(std::string_view text) {
  TRY(const std::size_t index, index_in(conclusion_names, text, "conclusion of a job"));
  return static_cast<Conclusion>(index);
}

Result<void> check(const Callback& callback, const ClientPayload& payload) {
  CHECK_OK(check_job(callback.job));
  CHECK_OK(check_link("--build-url", callback.url));
  CHECK_OK(check_link("--artifact-url", callback.artifact_url));
  const bool completed = callback.status == Status::completed;
  if (!completed && is_undispatched(payload)) {
    return wrong(
        fmt::format("a {} job cannot be reported as in_progress: the relay accepts only completed", payload.event_type),
        "send --status completed at the end of the job, and nothing before");
  }
  if (completed != callback.conclusion.has_value()) {
    return wrong(completed ? "a completed job needs a conclusion" : "a job in progress cannot have a conclusion",
                 completed ? "give --from RUN_DIR, or --conclusion" : "omit --conclusion and --from");
  }
  return {};
}

Result<http::Url> parse_callback_url(const std::string& text, bool force_http) {
  TRY(http::Url url, http::parse_url(text, force_http));
  if (!text.ends_with('/')) return url;
  return fail(ErrorKind::usage, fmt::format("the URL '{}' ends in a slash, which the relay answers with 404", text),
              "remove the slash: …/github/callback");
}

}  // namespace spyre::relay
