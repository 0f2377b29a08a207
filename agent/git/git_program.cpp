// SPDX-License-Identifier: Apache-2.0
#include "agent/git/git_program.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "agent/core/text.hpp"
#include "agent/process/command.hpp"

namespace spyre::git {
namespace {

constexpr std::size_t output_limit = std::size_t{256} << 20;
constexpr std::size_t errors_limit = std::size_t{64} << 10;
constexpr std::size_t line_limit = std::size_t{4} << 10;

}  // namespace

std::vector<std::string> git_environment(const std::vector<std::string>& ours) {
  // Git sets these for its hooks and aliases: they would make it work on another repository than the named one.
  constexpr std::array<std::string_view, 14> dropped{"GIT_DIR",
                                                     "GIT_WORK_TREE",
                                                     "GIT_INDEX_FILE",
                                                     "GIT_OBJECT_DIRECTORY",
                                                     "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                                     "GIT_COMMON_DIR",
                                                     "GIT_NAMESPACE",
                                                     "GIT_PREFIX",
                                                     "GIT_SHALLOW_FILE",
                                                     "GIT_GRAFT_FILE",
                                                     "GIT_CONFIG",
                                                     "LC_ALL",
                                                     "GIT_ALLOW_PROTOCOL",
                                                     "GIT_TERMINAL_PROMPT"};
  std::vector<std::string> variables;
  for (const std::string& variable : ours) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    if (std::find(dropped.begin(), dropped.end(), name) == dropped.end()) variables.push_back(variable);
  }
  variables.emplace_back("LC_ALL=C");  // a program reads its messages
  variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  variables.emplace_back("GIT_ALLOW_PROTOCOL=file:git:http:https:ssh");  // overrides every configuration and redirect
  return variables;
}

std::optional<GitProgram> GitProgram::find() {
  const char* path = std::getenv("PATH");
  for (const std::string_view directory : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (!directory.starts_with('/')) continue;  // other users can write to the current directory
    std::filesystem::path program = std::filesystem::path(directory) / "git";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0) {
      return GitProgram(std::move(program), longest_silence);
    }
  }
  return std::nullopt;
}

Result<GitProgram::Outcome> GitProgram::run(const std::vector<std::string>& arguments, const LineSink& on_line) const {
  LineSplitter lines(on_line);
  process::Command command;
  command.argv = {m_path.string()};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.environment = git_environment(process::current_environment());
  command.silence_limit = m_silence_limit;
  command.output_limit = output_limit;
  command.errors_limit = errors_limit;
  command.on_errors = [&lines](std::string_view bytes) { lines.feed(bytes); };
  TRY(process::CommandResult ended, process::run_command(command));
  lines.finish();
  if (ended.stopped == process::StopReason::output_limit) return fail(ErrorKind::io, "git printed more than 256 MiB");
  return Outcome{.status = ended.status.code.value_or(-1),
                 .signal = ended.status.signal.value_or(0),
                 .output = std::move(ended.output),
                 .errors = std::move(ended.errors),
                 .silent_for = ended.stopped ? std::optional(m_silence_limit) : std::nullopt};
}

void LineSplitter::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n' || c == '\r') {
      finish();
    } else if (m_line.size() < line_limit) {
      m_line += c;
    }
  }
}

void LineSplitter::finish() {
  constexpr std::string_view erase_to_end = "\x1b[K";
  std::string_view line = m_line;
  if (const std::size_t at = line.find(erase_to_end); at != std::string_view::npos) line = line.substr(0, at);
  line = trim(line);
  if (!line.empty() && m_sink) m_sink(line);
  m_line.clear();
}

}  // namespace spyre::git
