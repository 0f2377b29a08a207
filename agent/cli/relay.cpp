// SPDX-License-Identifier: Apache-2.0
// The upstream relay: results on their way to PyTorch's HUD.
#include <array>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/relay_send.hpp"
#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/job/relaying.hpp"
#include "agent/relay/check.hpp"
#include "agent/relay/outbox_file.hpp"

namespace spyre::cli {
namespace {

struct FlushOptions {
  job::RelayConnection connection;
  std::string wait = "0s";
  bool retry = false;
};

struct CheckOptions {
  job::RelayConnection connection;
  std::string repository, allow_list;
};

Result<int> flush(const FlushOptions& options, const Session& session) {
  TRY(const Seconds wait, parse_duration(options.wait));
  TRY(job::RelayLine line, job::RelayLine::open(options.connection, session.config));
  std::int64_t revived = 0;
  if (options.retry) {
    TRY(revived, line.outbox().revive(relay::milliseconds(SystemClock{}.system())));
  }
  TRY(const auto entries, line.outbox().entries());
  relay::FlushReport report;
  // A token is needed only if there is a message, so the command can be repeated.
  if (relay::count(entries, relay::State::waiting) > 0) {
    TRY(report, line.flush("", wait));
  }
  session.print({{"attempts", report.attempts},
                 {"delivered", report.delivered},
                 {"refused", report.refused},
                 {"waiting", report.waiting},
                 {"revived", revived}},
                fmt::format("{} attempts: {} delivered, {} refused; {} waiting\n", report.attempts, report.delivered,
                            report.refused, report.waiting));
  if (report.waiting > 0) return exit_code(ErrorKind::infra);
  return report.refused > 0 ? 1 : 0;
}

Result<int> status(const Session& session) {
  TRY(const std::filesystem::path file, job::outbox_file(session.config));
  TRY(relay::Outbox outbox, relay::Outbox::open(file));
  TRY(const std::vector<relay::Entry> entries, outbox.entries());
  std::string text;
  for (const relay::State state : relay::all_states) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", relay::count(entries, state), relay::name(state));
  }
  text += "\n";
  for (const relay::Entry& entry : entries) {
    if (entry.state != relay::State::delivered) text += relay::describe(entry) + "\n";
  }
  if (relay::count(entries, relay::State::dead) > 0) {
    text += "`spyre-ci relay flush --retry` sends dead letters again\n";
  }
  session.print(relay::outbox_document(entries), text);
  return 0;
}

Result<int> check(const CheckOptions& options, const Session& session) {
  TRY(job::RelayLine line, job::RelayLine::open(options.connection, session.config));
  TRY(const std::string address, line.url());
  TRY(const http::Url url, relay::parse_callback_url(address, options.connection.force_http));
  relay::Job given;
  given.repository = options.repository;
  const std::string repository = job::job_of(given, session.config).repository;
  const SystemClock clock;
  std::vector<relay::Finding> findings = relay::check_reach(url, line.transport(), clock);
  findings.push_back(relay::check_token(line.tokens(), repository, clock));
  if (!options.allow_list.empty()) {
    TRY(const std::string list, read_file(options.allow_list, 1 << 20));
    findings.push_back(relay::check_level(list, options.allow_list, repository));
  }
  bool good = true;
  std::string text;
  nlohmann::json list = nlohmann::json::array();
  for (const relay::Finding& finding : findings) {
    static constexpr std::array states{"ok", "doubtful", "bad"};
    const char* state = states.at(static_cast<std::size_t>(finding.state));
    good = good && finding.state != relay::Finding::State::bad;
    text += fmt::format("{:<9} {:<6} {}\n", state, finding.what, finding.detail);
    if (!finding.remedy.empty()) text += fmt::format("{:<16} {}\n", "", finding.remedy);
    list.push_back({{"what", finding.what}, {"state", state}, {"detail", finding.detail}, {"remedy", finding.remedy}});
  }
  text +=
      good ? "A result would be sent and, as far as can be checked here, accepted.\n" : "A result would not arrive.\n";
  session.print({{"findings", list}}, text);
  return good ? 0 : exit_code(ErrorKind::infra);
}

template <typename Options, typename Act>
Command add_one(Command relay, const char* name, const char* what, void (*add_options)(Command, Options&), Act act) {
  const auto options = std::make_shared<Options>();
  Command command = relay.add_command(name, what);
  add_options(command, *options);
  command.act([options, act](const Session& session) { return act(*options, session); });
  return command;
}

void add_flush_options(Command command, FlushOptions& options) {
  add_connection_options(command, options.connection);
  command.add_flag("--retry", options.retry, "also send dead letters");
  command.add_option("--wait", options.wait, "keep trying for this time, such as 10m").type_name("DURATION");
}

void add_check_options(Command command, CheckOptions& options) {
  add_connection_options(command, options.connection);
  command.add_option("--repository", options.repository, "default: relay.repository").type_name("OWNER/REPO");
  command.add_option("--allow-list", options.allow_list, "the relay's allow-list (YAML), to check the level")
      .type_name("FILE");
}

}  // namespace

void add_relay(Command program) {
  Command relay = program.add_command("relay", "Report results to PyTorch's HUD");
  add_one(relay, "send", "Report the start or the end of a job", add_send_options, relay_send)
      .footer(
          "The message is kept in the outbox until the relay has it, even if this process is killed.\n"
          "Exit codes: 0 delivered, 1 refused by the relay, 2 wrong use, 3 not delivered yet: `relay flush` tries "
          "again.\n"
          "Examples:\n"
          "  spyre-ci relay send --status in_progress --dispatch $GITHUB_EVENT_PATH --job-name spyre --check-run-id 7\n"
          "  spyre-ci relay send --status completed --from out --dispatch $GITHUB_EVENT_PATH --job-name spyre "
          "--check-run-id 7\n"
          "  spyre-ci relay send --status completed --nightly $SHA --from shard-0 --from shard-1 …");
  add_one(relay, "flush", "Send waiting messages of the outbox", add_flush_options, flush)
      .footer(
          "Exit codes: 0 no message waits, 1 the relay refused a message, 3 a message still waits.\n"
          "Examples:\n"
          "  spyre-ci relay flush --token-file token --wait 10m\n"
          "  spyre-ci relay flush --retry");
  Command showing = relay.add_command("status", "List waiting and refused messages");
  showing.act([](const Session& session) { return status(session); });
  showing.footer("Example:\n  spyre-ci relay status --json");
  add_one(relay, "check", "Check everything without sending a result", add_check_options, check)
      .footer(
          "Exit codes: 0 a result would probably arrive, 3 it would not.\n"
          "Example:\n"
          "  spyre-ci relay check --token-oidc --allow-list allowlist.yml");
}

}  // namespace spyre::cli
