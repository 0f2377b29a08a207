// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/job_options.hpp"

#include <fmt/format.h>

namespace spyre::cli {

void add_source_options(Command command, job::SourceRequest& options) {
  command.add_option("--source", options.source, "directory with PyTorch's source").type_name("DIR");
  command.add_option("--repo", options.repo, "PyTorch's repository; default: pytorch.repo of the configuration")
      .type_name("URL|PATH");
  command.add_option("--rev", options.rev, "pinned, main, a commit, tag, branch or pr/N").type_name("REV");
}

void add_oot_option(Command command, std::vector<std::string>& configs) {
  command
      .add_option("--oot-config", configs,
                  "torch-spyre's configuration of upstream tests, or a directory of them; may be given several times")
      .type_name("FILE|DIR");
}

void add_notes_options(Command command, job::NotesRequest& options) {
  add_oot_option(command, options.oot_configs);
  command
      .add_option(
          "--reenabled", options.reenabled,
          "number of an issue that the change fixes: run the tests that it disables; may be given several times")
      .type_name("N");
}

void add_selecting_options(Command command, job::SelectRequest& options) {
  command.add_option("--stage", options.stage, "stage of the rollout: 1 to 5").type_name("ID");
  command
      .add_option("--fraction", options.fraction,
                  "share of the in-scope tests, greater than 0, at most 1, instead of a stage")
      .type_name("F");
  command
      .add_option("--only", options.only,
                  "only those tests whose id, class or file matches; may be given several times")
      .type_name("GLOB");
  command.add_option("--limit", options.limit, "maximum number of tests, best first").type_name("N");
  command
      .add_option("--manifest", options.manifest,
                  "stored selection, instead of a stage; tests that the revision does not have are ignored")
      .type_name("FILE");
  add_notes_options(command, options.notes);
}

void add_planning_options(Command command, job::PlanRequest& options) {
  command
      .add_option("--durations", options.durations,
                  "file of durations: PyTorch's test-times.json, or `history durations --json`; "
                  "may be given several times; the history takes precedence")
      .type_name("FILE");
  command
      .add_option("--budget", options.budget,
                  "run only the tests, best first, that fit into this time (10m), and start no tests after it; "
                  "a test that takes more than a tenth of it is skipped in favour of shorter ones")
      .type_name("TIME");
  command.add_flag("--no-history", options.no_history, "ignore durations of earlier runs");
}

void add_stack_options(Command command, job::JobRequest& request) {
  command
      .add_option("--stack", request.stack,
                  "another component that results depend on, like firmware=1.2; may be given several times; runs with "
                  "different "
                  "stacks are not compared with each other")
      .type_name("NAME=VERSION")
      .one_value_each();
  command.add_flag("--strict-stack", request.strict_stack,
                   "exit with 3 unless the installed torch is known to be built from the tested revision");
}

void add_connection_options(Command command, job::RelayConnection& options, const std::string& prefix) {
  const auto option = [&](const char* name) { return fmt::format("--{}{}", prefix, name); };
  command.add_option(option("url"), options.url, "callback URL; default: relay.url").type_name("URL");
  command.add_option(option("token-file"), options.token_file, "file that contains a fresh token").type_name("FILE");
  command.add_option(option("token-command"), options.token_command, "program, with arguments, that prints a token")
      .type_name("COMMAND");
  command.add_option(option("token-env"), options.token_env, "environment variable that contains a token")
      .type_name("NAME");
  command.add_flag(option("token-oidc"), options.token_oidc, "GitHub Actions' own token; the default");
  command.add_flag(option("force-http"), options.force_http, "allow http for other machines");
}

void add_job_options(Command command, relay::Job& job, std::string& dispatch, const std::string& prefix) {
  const auto add = [&](const char* name, std::string& target, const char* what, const char* variable = nullptr) {
    Option option = command.add_option(fmt::format("--{}{}", prefix, name), target, what);
    if (variable != nullptr) option.from_variable(variable);
    return option;
  };
  add("dispatch", dispatch, "the dispatch: $GITHUB_EVENT_PATH, or its client_payload; - for standard input")
      .type_name("FILE");
  add("repository", job.repository, "repository as on the relay's allow-list; default: relay.repository")
      .type_name("OWNER/REPO");
  add("run-id", job.run_id, "id of the bridging GitHub run", "GITHUB_RUN_ID").type_name("N");
  add("run-attempt", job.run_attempt, "1; incremented by a rerun", "GITHUB_RUN_ATTEMPT").type_name("N");
  add("workflow", job.workflow, "name of the workflow", "GITHUB_WORKFLOW").type_name("NAME");
  add("job-name", job.job_name, "name of the job, without ':'").type_name("NAME");
  add("check-run-id", job.check_run_id, "check run id, the same in both callbacks of the job").type_name("ID");
}

void add_relayed_run_options(Command command, job::RelayRequest& options) {
  add_connection_options(command, options.connection, "relay-");
  add_job_options(command, options.job, options.origin, "relay-");
  command.add_option("--relay-build-url", options.build_url, "page of the build").type_name("URL");
  command.add_option("--relay-artifact-url", options.artifact_url, "page of the build's artifacts").type_name("URL");
}

}  // namespace spyre::cli
