// SPDX-License-Identifier: Apache-2.0
#include "agent/job/relayed_run.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/core/utc.hpp"
#include "agent/relay/conclusion.hpp"
#include "agent/relay/outbox_file.hpp"

namespace spyre::job {
namespace {

// A test could read the token from its own environment.
Result<void> check_environment(const RelayConnection& options, const Config& config) {
  const std::string& source = config.relay.token;
  const std::string name = !options.token_env.empty()   ? options.token_env
                           : source.starts_with("env:") ? source.substr(4)
                                                        : "";
  const auto& passed = config.execute.environment_pass;
  if (name.empty() || std::find(passed.begin(), passed.end(), name) == passed.end()) return {};
  return fail(ErrorKind::config,
              fmt::format("execute.environment.pass gives {}, the relay's token, to the tests", name),
              "remove it there");
}

}  // namespace

class RelayedRun::Impl final : public execute::Observer {
 public:
  Impl(RelayLine line, relay::ClientPayload payload, relay::Callback callback, std::string failed_tests_key,
       std::string url)
      : m_line(std::move(line)),
        m_payload(std::move(payload)),
        m_callback(std::move(callback)),
        m_failed_tests_key(std::move(failed_tests_key)),
        m_url(std::move(url)) {}

  // In its own thread: the relay may take a minute, and the tests must not wait for it.
  void batch_started(const std::string&, const std::string&, int, const execute::Progress&) override {
    if (!begin()) return;
    try {
      m_sender = std::jthread([this] {
        if (queue(m_callback)) send();
      });
    } catch (const std::system_error& error) {
      queue(m_callback);
      log::warning(fmt::format("relay: {} is only in the outbox: {}", name(m_callback.status), error.what()));
    }
  }

  // An interrupted program has only seconds, and the relay may take a minute: then the message stays in the outbox.
  void end(relay::Report report, bool interrupted) {
    if (std::exchange(m_ended, true)) return;
    if (interrupted) m_line.transport().abandon();
    if (m_sender.joinable()) m_sender.join();
    if (begin()) queue(m_callback);  // the relay refuses completed without in_progress
    relay::Callback callback = m_callback;
    callback.status = relay::Status::completed;
    callback.completed_at = format_utc(SystemClock{}.system());
    relay::tell(std::move(report), callback);
    if (!queue(callback)) return;
    if (!interrupted) return send();
    log::warning("relay: the end of the run is in the outbox; `spyre-ci relay flush` sends it");
  }

 private:
  // Return true at the first call.
  bool begin() {
    if (std::exchange(m_begun, true)) return false;
    m_callback.started_at = format_utc(SystemClock{}.system());
    return true;
  }

  bool queue(const relay::Callback& callback) {
    const auto queued = try_to_queue(callback);
    if (!queued)
      log::warning(fmt::format("relay: {} is not reported: {}", name(callback.status), queued.error().message));
    return queued.has_value();
  }

  Result<void> try_to_queue(const relay::Callback& callback) {
    TRY(const relay::Body body, relay::make_body(callback, m_payload, m_failed_tests_key));
    for (const std::string& note : body.notes) log::warning("relay: " + note);
    const relay::Milliseconds now = relay::milliseconds(SystemClock{}.system());
    TRY(const relay::Added added,
        m_line.outbox().add({callback.job, m_payload.delivery_id, callback.status, m_url, body.text}, now));
    if (!added.is_new) log::warning("relay: this job was reported before: " + relay::describe(added.entry));
    return {};
  }

  void send() {
    try {
      const auto report = m_line.flush(relay::job_key(m_callback.job, m_payload.delivery_id), Seconds{0});
      if (!report) log::warning("relay: " + report.error().message);
      if (report && report->waiting > 0) log::warning("relay: `spyre-ci relay flush` tries again");
    } catch (const std::system_error& error) {  // the machine refuses a thread: the outbox has the message
      log::warning(fmt::format("relay: {}; `spyre-ci relay flush` tries again", error.what()));
    }
  }

  RelayLine m_line;
  relay::ClientPayload m_payload;
  relay::Callback m_callback;
  std::string m_failed_tests_key, m_url;
  bool m_begun = false, m_ended = false;
  std::jthread m_sender;  // last, because it uses all members above
};

RelayedRun::RelayedRun(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
RelayedRun::RelayedRun(RelayedRun&&) noexcept = default;
RelayedRun::~RelayedRun() = default;

Result<RelayedRun> RelayedRun::prepare(const RelayRequest& options, const Config& config) {
  if (options.origin.empty()) return RelayedRun(nullptr);
  TRY(relay::ClientPayload payload, relay::read_client_payload(options.dispatch, options.origin));
  relay::Callback callback;
  callback.job = job_of(options.job, config);
  callback.url = options.build_url;
  callback.artifact_url = options.artifact_url;
  CHECK_OK(relay::check(callback, payload));
  CHECK_OK(check_environment(options.connection, config));
  TRY(RelayLine line, RelayLine::open(options.connection, config));
  TRY(const std::string url, line.url());
  if (!line.tokens()) return tl::make_unexpected(line.tokens().error());
  return RelayedRun(std::make_unique<Impl>(std::move(line), std::move(payload), std::move(callback),
                                           config.relay.failed_tests_key, url));
}

execute::Observer* RelayedRun::observer() {
  return m_impl.get();
}

void RelayedRun::completed(const results::RunRecord& record) {
  if (!m_impl) return;
  auto report = relay::conclude({record});
  m_impl->end(report ? std::move(*report) : relay::conclude(report.error()), record.interrupted_by != 0);
}

void RelayedRun::failed(const Error& error) {
  if (m_impl) m_impl->end(relay::conclude(error), error.kind == ErrorKind::interrupted);
}

}  // namespace spyre::job
