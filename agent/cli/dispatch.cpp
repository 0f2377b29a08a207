// SPDX-License-Identifier: Apache-2.0
// Checks what the relay dispatched, and decides what to run for it.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/input.hpp"
#include "agent/core/text.hpp"
#include "agent/job/relaying.hpp"
#include "agent/relay/accept.hpp"

namespace spyre::cli {
namespace {

std::string as_text(const relay::Accepted& accepted) {
  std::string text = fmt::format("{}: {}", relay::name(accepted.decision), accepted.dispatch.delivery_id);
  if (!accepted.reason.empty()) text += fmt::format(" ({})", accepted.reason);
  text += "\n";
  if (accepted.run) {
    const relay::RunOrder& run = *accepted.run;
    text += fmt::format("run {} ({}) of {}, {}, priority {}\n", run.revision, run.sha, accepted.dispatch.upstream,
                        run.stage.empty() ? "by impact against " + run.base : "stage " + run.stage, run.priority);
  }
  for (const std::string& earlier : accepted.supersedes) text += fmt::format("supersedes {}\n", earlier);
  return text;
}

Result<int> accept(const std::string& file, const Session& session) {
  TRY(const std::filesystem::path store, job::outbox_file(session.config));
  TRY(const std::string text, read_input(file));
  const Config::Relay& config = session.config.relay;
  TRY(relay::Acceptor acceptor, relay::Acceptor::open(store, {config.upstreams, config.pull_request, config.push}));
  TRY(const relay::Accepted accepted,
      acceptor.accept(text, file == "-" ? "standard input" : file, SystemClock{}.system()));
  session.print(relay::to_json(accepted), as_text(accepted));
  return accepted.decision == relay::Decision::accepted ? 0 : exit_code(ErrorKind::nothing_selected);
}

}  // namespace

void add_dispatch(Command program) {
  Command dispatch = program.add_command("dispatch", "Process dispatches of the relay");
  const auto file = std::make_shared<std::string>("-");
  Command command = dispatch.add_command("accept", "Check a dispatch, and print the run for it");
  command.add_option("FILE", *file,
                     "the dispatch: $GITHUB_EVENT_PATH, or its client_payload; default: -, standard input");
  command.footer(
      "A delivery is accepted once. Exit codes: 0 accepted, 2 refused, 4 no run: the delivery was accepted before,\n"
      "or the pull request is closed. relay.upstreams lists the accepted repositories.\n"
      "Examples:\n"
      "  spyre-ci dispatch accept $GITHUB_EVENT_PATH --json\n"
      "  curl … | spyre-ci dispatch accept -");
  command.act([file](const Session& s) { return accept(*file, s); });
}

}  // namespace spyre::cli
