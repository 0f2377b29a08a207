// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/color.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/command_line.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"
#include "agent/core/version.hpp"
#include "embedded/spyre_pipelines.hpp"

namespace spyre::cli {
namespace {

struct CommonOptions {
  std::optional<std::string> config;
  std::vector<std::string> settings;
  std::string log_level = "info";
  bool json = false;
};

constexpr std::string_view kind_names[] = {"usage", "config", "invalid",          "not_found",   "busy",
                                           "io",    "infra",  "nothing_selected", "interrupted", "internal"};

void add_common(Command program, CommonOptions& options) {
  program.add_option("--config", options.config, "configuration file").type_name("FILE");
  program.add_option("--set", options.settings, "override a setting of the configuration")
      .type_name("KEY=VALUE")
      .one_value_each();
  program.add_option("--log-level", options.log_level, "debug, info, warning, error or off").type_name("LEVEL");
  program.add_flag("--json", options.json, "print the result as JSON");
}

// A subcommand gets its own examples from its parent.
void give_examples(CLI::App& group) {
  const std::string footer = group.get_footer();
  for (CLI::App* command : group.get_subcommands([](CLI::App*) { return true; })) {
    if (!command->get_footer().empty()) continue;
    const std::string call = fmt::format("  spyre-ci {} {}", group.get_name(), command->get_name());
    std::string examples;
    for (const std::string_view line : split(footer, '\n')) {
      if (line.starts_with(call)) examples += fmt::format("\n{}", line);
    }
    if (!examples.empty()) command->footer("Examples:" + examples);
  }
}

void add_commands(Command program) {
  add_checkout(program);
  add_list(program);
  add_select(program);
  add_impact(program);
  add_plan(program);
  add_simulate(program);
  add_run(program);
  add_exec(program);
  add_resume(program);
  add_report(program);
  add_history(program);
  add_junit(program);
  add_relay(program);
  add_dispatch(program);
  add_jenkins(program);
  add_config(program);
  add_doctor(program);
}

// Messages may quote text from foreign files: invalid characters and terminal commands are removed.
std::string printable(std::string_view message) {
  std::string text = valid_utf8(hide_secrets(message));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') c = '?';
  }
  return text;
}

// Not fmt::print: it throws on a write error, and then the message cannot be printed.
void print(std::FILE* file, const std::string& text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), file));
}

void print_error(const Error& error, bool json) {
  if (json) {
    const nlohmann::json document{{"error",
                                   {{"kind", kind_names[static_cast<std::size_t>(error.kind)]},
                                    {"message", hide_secrets(error.message)},
                                    {"hint", hide_secrets(error.hint)}}}};
    print(stdout, dump_json(document) + "\n");
  }
  const bool colours = ::isatty(STDERR_FILENO) == 1;
  const char* mark = colours ? "\033[1;31merror:\033[0m" : "error:";
  print(stderr, fmt::format("{} {}\n", mark, printable(error.message)));
  if (!error.hint.empty()) print(stderr, fmt::format("hint:  {}\n", printable(error.hint)));
}

// Return the words of an invalid command line that may be a misspelt command or subcommand: `history flakyy`.
std::string suggest_command(const CLI::App& program, int argc, char** argv) {
  const CLI::App* group = &program;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--config" || word == "--set" || word == "--log-level") ++i;  // skip their values
    if (word.starts_with('-')) continue;
    std::vector<std::string> names;
    const CLI::App* found = nullptr;
    for (const CLI::App* command : group->get_subcommands({})) {
      names.push_back(command->get_name());
      if (names.back() == word) found = command;
    }
    if (names.empty()) return {};
    if (found == nullptr) return fmt::format("unknown command '{}'{}", word, did_you_mean(word, names));
    group = found;
  }
  return {};
}

int refuse_command_line(const CLI::App& program, const CLI::ParseError& error, int argc, char** argv, bool json) {
  const auto parsed = program.get_subcommands();
  const std::string command = parsed.empty() ? "" : parsed.front()->get_name() + " ";
  std::string message = error.what();
  if (const std::string better = suggest_command(program, argc, argv); !better.empty()) message = better;
  print_error({ErrorKind::usage, message, fmt::format("`spyre-ci {}--help` shows its options", command)}, json);
  return exit_code(ErrorKind::usage);
}

// Convert the current exception, if it is outside of our error values. Call it in a handler.
Error error_of_exception() {
  const auto refused = [](const char* what) {
    return Error{ErrorKind::infra, fmt::format("the machine refuses a resource: {}", what),
                 "give it more memory, processes and threads (ulimit -u, the container's limit of pids)"};
  };
  const auto internal = [](std::string_view what) {
    return Error{ErrorKind::internal, fmt::format("internal error: {}", what),
                 "please report this, with the command and its output"};
  };
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return refused("out of memory");
  } catch (const std::system_error& error) {
    const bool is_limit = error.code() == std::errc::resource_unavailable_try_again ||
                          error.code() == std::errc::not_enough_memory ||
                          error.code() == std::errc::too_many_files_open;
    return is_limit ? refused(error.what()) : internal(error.what());
  } catch (const std::exception& error) {
    return internal(error.what());
  } catch (...) {
    return internal("unknown exception");
  }
}

Result<int> act(const CommonOptions& options, const Action& chosen, bool had_credential) {
  CHECK_OK(log::set_level(options.log_level));
  if (had_credential) {
    log::warning(
        "the command line holds a credential, which other users could read until it was overwritten: give it in a "
        "file (--config, ~/.netrc, ~/.pgpass) or a variable");
  }
  Session session;
  std::error_code error;
  session.directory = std::filesystem::current_path(error);
  if (error) {
    return fail(ErrorKind::usage, fmt::format("the current directory cannot be used: {}", error.message()),
                "it may have been deleted: change to an existing directory and try again");
  }
  session.json = options.json;
  session.config_file = options.config.value_or("");
  session.settings = options.settings;
  known_secrets().add_variables(cards::Machine::here().environment);
  for (const std::string& setting : options.settings) known_secrets().add_setting(setting);
  TRY(session.config, load_config(pipelines::defaults, options.config, options.settings));
  known_secrets().add_variables(session.config.execute.environment_set);
  return chosen(session);
}

}  // namespace

void Session::print(const nlohmann::json& document, std::string_view text) const {
  const std::string written = json ? dump_json_pretty(document) : hide_secrets(text);
  const bool good =
      std::fwrite(written.data(), 1, written.size(), stdout) == written.size() && std::fflush(stdout) == 0;
  // A reader that closed the pipe, such as `head`, has all it needs.
  if (!good && errno != EPIPE) log::warning(fmt::format("standard output: {}", std::generic_category().message(errno)));
}

namespace {

int parse_and_act(int argc, char** argv, CommonOptions& options) {
  CLI::App program{"Runs PyTorch's own tests on IBM Spyre cards: from a revision to a reported result.", "spyre-ci"};
  program.set_version_flag("--version", fmt::format("spyre-ci {}", version));
  program.fallthrough();  // common options are accepted before and after the name of a command
  Action chosen;
  add_common(Command(program, chosen), options);
  add_commands(Command(program, chosen));
  for (CLI::App* command : program.get_subcommands({})) give_examples(*command);
  // After the commands are added, because they would inherit it.
  program.footer(
      "Examples:\n"
      "  spyre-ci doctor\n"
      "  spyre-ci run --rev main --stage 1 --cards cpu:2 --budget 3m\n"
      "  spyre-ci list --source ~/pytorch --json\n"
      "`spyre-ci COMMAND --help` shows a command's options and examples.");
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    if (const std::string mistake = suggest_command(program, argc, argv); !mistake.empty()) {
      print_error({ErrorKind::usage, mistake, "`spyre-ci --help` shows all commands"}, options.json);
      return exit_code(ErrorKind::usage);
    }
    return program.exit(help);
  } catch (const CLI::ParseError& error) {
    return refuse_command_line(program, error, argc, argv, options.json);
  }
  const Result<int> code = act(options, chosen, std::any_of(argv + 1, argv + argc, has_credential));
  // The result must reach its reader: this detects a full disk or a closed pipe.
  const bool printed = std::fflush(stdout) == 0;
  if (!code) {
    print_error(code.error(), options.json);
    return exit_code(code.error().kind);
  }
  if (!printed) {
    print_error({ErrorKind::io, "cannot write the result to standard output", ""}, false);
    return exit_code(ErrorKind::io);
  }
  return *code;
}

}  // namespace

int run_program(int argc, char** argv) {
  CommonOptions options;
  try {
    return parse_and_act(argc, argv, options);
  } catch (...) {
    const Error error = error_of_exception();
    print_error(error, options.json);
    return exit_code(error.kind);
  }
}

}  // namespace spyre::cli
