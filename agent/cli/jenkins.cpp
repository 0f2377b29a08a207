// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/signals.hpp"
#include "agent/http/client.hpp"
#include "agent/jenkins/address.hpp"
#include "agent/jenkins/controller.hpp"
#include "agent/jenkins/wait.hpp"

namespace spyre::cli {
namespace {

// A huge console log or artifact must not fill the memory.
constexpr std::size_t largest_artifact = std::size_t{256} << 20;

struct JenkinsOptions {
  std::string url, job, build, user, token_file, poll = "5s", timeout;
  std::vector<std::string> parameters, artifacts;
  std::string into = ".";
  bool no_wait = false;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Tokens are never arguments, because all users of the machine can read those.
Result<jenkins::Credentials> credentials(const JenkinsOptions& options, const Config& config) {
  jenkins::Credentials who{options.user.empty() ? variable("JENKINS_USER") : options.user, variable("JENKINS_TOKEN"),
                           config.jenkins.allow_http};
  if (!options.token_file.empty()) {
    TRY(const std::string text, read_file(options.token_file, 64 * 1024));
    who.token = std::string(trim(text));
    known_secrets().add(who.token);
  }
  if (who.user.empty() && !who.token.empty()) {
    return fail(ErrorKind::usage, "a token was given without a user name", "give --user, or set JENKINS_USER");
  }
  return who;
}

Result<std::map<std::string, std::string>> parameters(const std::vector<std::string>& given) {
  std::map<std::string, std::string> values;
  for (const std::string& one : given) {
    const std::size_t equals = one.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorKind::usage, fmt::format("--parameter '{}' is not NAME=VALUE", one));
    }
    values[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return values;
}

Result<jenkins::Waiting> waiting(const JenkinsOptions& options, const char* usual_timeout) {
  jenkins::Waiting waiting;
  TRY(waiting.poll, parse_duration(options.poll));
  TRY(waiting.timeout, parse_duration(options.timeout.empty() ? usual_timeout : options.timeout));
  return waiting;
}

jenkins::Pause pause_until_signal(execute::Signals& signals, int& signal) {
  return [&signals, &signal](Seconds time) {
    pollfd watched{signals.fd(), POLLIN, 0};
    const auto milliseconds = static_cast<int>(std::min(time.count() * 1000, 3'600'000.0));
    while (::poll(&watched, 1, milliseconds) < 0 && errno == EINTR) {
    }
    const auto came = signals.next();
    signal = came ? came->signal : 0;
    return !came;
  };
}

// An unreachable controller is not a usage error: the test could not be run.
Result<std::string> or_infra(Result<std::string> result) {
  if (!result && result.error().kind == ErrorKind::io) result.error().kind = ErrorKind::infra;
  return result;
}

Result<std::unique_ptr<http::Transport>> make_client() {
  return http::make_client({.response_timeout = Seconds{60},
                            .response_limit = largest_artifact,
                            .environment = cards::Machine::here().environment});
}

Result<int> trigger(const JenkinsOptions& options, const Session& session) {
  TRY(const std::string address,
      jenkins::controller_address(options.url.empty() ? variable("JENKINS_URL") : options.url));
  TRY(jenkins::Credentials who, credentials(options, session.config));
  TRY(const auto values, parameters(options.parameters));
  TRY(const jenkins::Waiting patience, waiting(options, "1h"));
  TRY(execute::Signals signals, execute::Signals::take());
  TRY(const auto client, make_client());
  jenkins::Controller controller(address, std::move(who), *client);
  TRY(const std::string queued, or_infra(controller.trigger(options.job, values)));
  if (options.no_wait) {
    session.print({{"queue_url", queued}}, queued + "\n");
    return 0;
  }
  int signal = 0;
  const SystemClock clock;
  const auto started = wait_for_start(controller, queued, patience, clock, pause_until_signal(signals, signal));
  if (signal != 0) return 128 + signal;
  if (!started) return tl::make_unexpected(started.error());
  session.print({{"queue_url", queued}, {"build_url", *started}}, *started + "\n");
  return 0;
}

// Fetch files with their paths. A pattern without a match is an error, because the caller relies on its files.
Result<void> fetch(jenkins::Controller& controller, const jenkins::Build& build, const JenkinsOptions& options) {
  if (options.artifacts.empty()) return {};
  TRY(const std::vector<std::string> kept, controller.artifacts(build.url));
  for (const std::string& pattern : options.artifacts) {
    bool fits = false;
    for (const std::string& path : kept) {
      if (!glob_match(pattern, path)) continue;
      fits = true;
      TRY(const std::string body, controller.artifact(build.url, path));
      CHECK_OK(write_file(std::filesystem::path(options.into) / path, body));
    }
    if (!fits)
      return fail(ErrorKind::not_found, fmt::format("{} has no artifact that matches '{}'", build.url, pattern));
  }
  return {};
}

Result<int> wait(const JenkinsOptions& options, const Session& session) {
  TRY(const std::string address, jenkins::controller_of_build(options.build));
  TRY(const std::string build_url, jenkins::as_seen_from(address, options.build, "/job/"));
  TRY(jenkins::Credentials who, credentials(options, session.config));
  TRY(const jenkins::Waiting patience, waiting(options, "6h"));
  TRY(execute::Signals signals, execute::Signals::take());
  TRY(const auto client, make_client());
  jenkins::Controller controller(address, std::move(who), *client);
  int signal = 0;
  const SystemClock clock;
  const auto ended = wait_for_end(controller, build_url, patience, clock, pause_until_signal(signals, signal));
  if (signal != 0) return 128 + signal;
  if (!ended) return tl::make_unexpected(ended.error());
  CHECK_OK(fetch(controller, *ended, options));
  session.print({{"build_url", ended->url}, {"number", ended->number}, {"result", ended->result}},
                fmt::format("{} {}\n", ended->url, ended->result));
  return jenkins::exit_code_of(*ended);
}

void add_common(Command command, JenkinsOptions& options) {
  command.add_option("--user", options.user, "user name; default: $JENKINS_USER").type_name("NAME");
  command.add_option("--token-file", options.token_file, "file with the API token; default: $JENKINS_TOKEN")
      .type_name("FILE");
  command.add_option("--poll", options.poll, "time between two requests").type_name("TIME").show_default();
}

void add_trigger(Command parent, const std::shared_ptr<JenkinsOptions>& options) {
  Command command = parent.add_command("trigger", "Start a build, and wait until it has started");
  command.add_option("--url", options->url, "address of the controller; default: $JENKINS_URL").type_name("URL");
  command.add_option("--job", options->job, "the job, with its folders").type_name("PATH").required();
  command.add_option("--parameter", options->parameters, "a parameter of the job; may be given several times")
      .type_name("NAME=VALUE");
  command.add_flag("--no-wait", options->no_wait, "do not wait for the start");
  command.add_option("--timeout", options->timeout, "maximum time in the queue; default: 1h").type_name("TIME");
  add_common(command, *options);
  command.footer(
      "Prints address of the build. On a time-out or interruption, the queue item is cancelled.\n"
      "Example:\n"
      "  spyre-ci jenkins trigger --url https://jenkins.example.org --job spyre/upstream-pr --parameter REVISION=pr/7");
  command.act([options](const Session& s) { return trigger(*options, s); });
}

void add_wait(Command parent, const std::shared_ptr<JenkinsOptions>& options) {
  Command command = parent.add_command("wait", "Wait until a build ends");
  command.add_option("--build", options->build, "address of the build").type_name("URL").required();
  command.add_option("--artifact", options->artifacts, "artifacts to fetch; may be given several times")
      .type_name("GLOB");
  command.add_option("--into", options->into, "directory for the artifacts").type_name("DIR").show_default();
  command.add_option("--timeout", options->timeout, "maximum time to wait; default: 6h").type_name("TIME");
  add_common(command, *options);
  command.footer(
      "Exit codes: 0 SUCCESS, 1 UNSTABLE, 3 any other result. On a time-out or interruption, the build is stopped.\n"
      "A controller may be unreachable for a while.\n"
      "Example:\n"
      "  spyre-ci jenkins wait --build https://jenkins.example.org/job/spyre/job/upstream-pr/7/ \\\n"
      "    --artifact 'spyre-ci/shard-*/*.json*' --into out");
  command.act([options](const Session& s) { return wait(*options, s); });
}

}  // namespace

void add_jenkins(Command program) {
  const auto options = std::make_shared<JenkinsOptions>();
  Command command = program.add_command("jenkins", "Start builds of a Jenkins controller, and wait for them");
  add_trigger(command, options);
  add_wait(command, options);
}

}  // namespace spyre::cli
