// SPDX-License-Identifier: Apache-2.0
// Reports one job to the relay: writes the message to the outbox, then tries to send it.
#include "agent/cli/relay_send.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/input.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/relay/conclusion.hpp"
#include "agent/relay/outbox_file.hpp"
#include "agent/relay/verdict.hpp"

namespace spyre::cli {
namespace {

Result<relay::ClientPayload> payload_of(const SendOptions& options) {
  const int given = int{!options.dispatch.empty()} + int{!options.nightly.empty()} + int{!options.periodic.empty()};
  if (given != 1) {
    return fail(ErrorKind::usage, "exactly one of --dispatch, --nightly and --periodic is needed",
                "--dispatch for what the relay dispatched, the others for a job of your own");
  }
  if (!options.nightly.empty()) return relay::undispatched("nightly", options.nightly);
  if (!options.periodic.empty()) return relay::undispatched("periodic", options.periodic);
  TRY(const std::string text, read_input(options.dispatch));
  return relay::read_client_payload(text, options.dispatch == "-" ? "standard input" : options.dispatch);
}

Result<void> add_results(const SendOptions& options, relay::Callback& callback) {
  if (options.from.empty()) return {};
  if (!options.conclusion.empty()) {
    return fail(ErrorKind::usage, "--conclusion cannot be given with --from", "the conclusion follows from the run");
  }
  std::vector<results::RunRecord> records;
  for (const std::string& run_dir : options.from) {
    TRY(results::RunRecord record, results::read_record(run_dir));
    records.push_back(std::move(record));
  }
  TRY(relay::Report report, relay::conclude(records));
  relay::tell(std::move(report), callback);
  return {};
}

Result<relay::Callback> callback_of(const SendOptions& options, const Config& config) {
  relay::Callback callback;
  TRY(callback.status, relay::parse_status(options.status));
  callback.job = job::job_of(options.relayed, config);
  callback.url = options.build_url;
  callback.artifact_url = options.artifact_url;
  const std::string now = format_utc(SystemClock{}.system());
  (callback.status == relay::Status::completed ? callback.completed_at : callback.started_at) = now;
  if (!options.conclusion.empty()) {
    TRY(callback.conclusion, relay::parse_conclusion(options.conclusion));
  }
  CHECK_OK(add_results(options, callback));
  if (!options.verdict.empty()) {
    TRY(const std::string text, read_input(options.verdict));
    TRY(callback.verdict, relay::check_verdict(text, options.verdict));
  }
  return callback;
}

// 0 delivered, 1 refused, 3 not delivered yet.
int exit_code_of(relay::State state) {
  if (state == relay::State::waiting) return exit_code(ErrorKind::infra);
  return state == relay::State::dead || state == relay::State::lost ? 1 : 0;
}

}  // namespace

Result<int> relay_send(const SendOptions& options, const Session& session) {
  TRY(const Seconds wait, parse_duration(options.wait.empty() ? "0s" : options.wait));
  TRY(const relay::ClientPayload payload, payload_of(options));
  TRY(const relay::Callback callback, callback_of(options, session.config));
  CHECK_OK(relay::check(callback, payload));
  TRY(const relay::Body body, relay::make_body(callback, payload, session.config.relay.failed_tests_key));
  for (const std::string& note : body.notes) log::warning("relay: " + note);
  TRY(job::RelayLine line, job::RelayLine::open(options.connection, session.config));
  TRY(const std::string url, line.url());
  // An unusable token source is a usage error, reported before the message is stored.
  if (!options.no_wait && !line.tokens()) return tl::make_unexpected(line.tokens().error());

  const relay::Milliseconds now = relay::milliseconds(SystemClock{}.system());
  TRY(const relay::Added added,
      line.outbox().add({callback.job, payload.delivery_id, callback.status, url, body.text}, now));
  if (!added.is_new) log::warning("relay: this was in the outbox already; nothing was added");
  if (!options.no_wait) CHECK_OK(line.flush(added.entry.job, wait));
  TRY(const auto entry, line.outbox().find(added.entry.id));
  const relay::Entry& last = entry ? *entry : added.entry;
  session.print(relay::outbox_document({last}), relay::describe(last) + "\n");
  return options.no_wait ? 0 : exit_code_of(last.state);
}

void add_send_options(Command command, SendOptions& options) {
  add_connection_options(command, options.connection);
  add_job_options(command, options.relayed, options.dispatch);
  command.add_option("--status", options.status, "in_progress, when tests start, or completed")
      .type_name("STATUS")
      .required();
  command.add_option("--nightly", options.nightly, "upstream commit of a nightly job, instead of --dispatch")
      .type_name("SHA");
  command.add_option("--periodic", options.periodic, "upstream commit of a periodic job, instead of --dispatch")
      .type_name("SHA");
  command.add_option("--from", options.from, "run directory with the results; several for the shards of one job")
      .type_name("RUN_DIR");
  command.add_option("--conclusion", options.conclusion, "success, failure, cancelled or timed_out, instead of --from")
      .type_name("WORD");
  command.add_option("--verdict", options.verdict, "file with a triage verdict: why the job ended as it did")
      .type_name("FILE");
  command.add_option("--build-url", options.build_url, "page of the build").type_name("URL");
  command.add_option("--artifact-url", options.artifact_url, "page of the build's artifacts").type_name("URL");
  command.add_option("--wait", options.wait, "keep trying for this time, such as 10m").type_name("DURATION");
  command.add_flag("--no-wait", options.no_wait, "only write the message to the outbox, for `relay flush`");
}

}  // namespace spyre::cli
