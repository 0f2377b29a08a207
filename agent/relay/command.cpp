// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/command.hpp"

#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "agent/process/command.hpp"
#include "agent/process/process.hpp"

namespace spyre::relay {
namespace {

tl::unexpected<Error> failed(const std::string& program, const std::string& why) {
  return fail(ErrorKind::infra, fmt::format("the token's command {} {}", program, why),
              "run it by hand: it must print only the token on its standard output");
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      *word += text[++i];
    } else {
      *word += c;
    }
  }
  if (word) words.push_back(*word);
  if (quote != '\0') return fail(ErrorKind::usage, fmt::format("the token's command has an unterminated {}", quote));
  if (words.empty() || words.front().empty()) return fail(ErrorKind::usage, "the token's command is empty");
  return words;
}

Result<std::string> output_of(const std::vector<std::string>& argv, Seconds time_limit, std::size_t limit) {
  const char* path = std::getenv("PATH");
  const auto program = process::find_program(argv.front(), path == nullptr ? "/usr/bin:/bin" : path);
  if (!program) return failed(argv.front(), "cannot be started: " + program.error().message);
  process::Command command;
  command.argv = argv;
  command.argv.front() = *program;
  command.environment = process::current_environment();
  command.time_limit = time_limit;
  command.output_limit = limit;
  auto ended = process::run_command(command);
  if (!ended) return failed(argv.front(), "cannot be started: " + ended.error().message);
  if (ended->stopped == process::StopReason::output_limit) return failed(argv.front(), "prints more than a token");
  if (ended->stopped) return failed(argv.front(), "did not end in time");
  const process::ExitStatus& status = ended->status;
  if (status.success()) return std::move(ended->output);
  return failed(argv.front(), status.code ? fmt::format("ended with exit code {}", *status.code)
                                          : fmt::format("was ended by signal {}", status.signal.value_or(0)));
}

}  // namespace spyre::relay
