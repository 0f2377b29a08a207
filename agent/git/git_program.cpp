// SPDX-License-Identifier: Apache-2.0
#include "agent/git/git_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::git {
namespace {

constexpr std::size_t output_limit = std::size_t{256} << 20;
constexpr std::size_t errors_limit = std::size_t{64} << 10;
constexpr std::size_t line_limit = std::size_t{4} << 10;

struct Pipe {
  UniqueFd read_end, write_end;
  static Result<Pipe> open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return tl::make_unexpected(errno_error("create", "a pipe"));
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
};

// Arguments of posix_spawn that have to be given back.
struct SpawnSetup {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // The agent may ignore or block signals: git must still end when it is interrupted or when its reader is gone.
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> our_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

Result<pid_t> spawn(const std::filesystem::path& program, std::vector<std::string> argv, int output, int errors) {
  SpawnSetup setup;
  posix_spawn_file_actions_addopen(&setup.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&setup.actions, errors, STDERR_FILENO);
  std::vector<std::string> environment = git_environment(our_environment());
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), &setup.actions, &setup.attributes, pointers(argv).data(),
                                 pointers(environment).data());
  errno = code;
  if (code != 0) return tl::make_unexpected(errno_error("start", program));
  return child;
}

// What is there to read now; false at the end.
bool drain(UniqueFd& fd, const std::function<void(std::string_view)>& take) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got > 0) take({buffer.data(), static_cast<std::size_t>(got)});
  return got > 0;
}

// Reads both pipes until the child has ended and nothing is left in them. A helper that git started (a credential
// cache) may hold them open for longer: it is not waited for.
void read_all(UniqueFd& output, UniqueFd& errors, const UniqueFd& child, GitProgram::Outcome& outcome,
              LineSplitter& lines) {
  const auto take_output = [&](std::string_view bytes) {
    if (outcome.output.size() <= output_limit) outcome.output += bytes;
  };
  const auto take_errors = [&](std::string_view bytes) {
    outcome.errors += bytes;
    if (outcome.errors.size() > 2 * errors_limit) outcome.errors.erase(0, outcome.errors.size() - errors_limit);
    lines.feed(bytes);
  };
  while (output || errors) {
    std::array<pollfd, 3> waits{pollfd{output.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0},
                                pollfd{child.get(), POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (waits[0].revents != 0 && !drain(output, take_output)) output.reset();
    if (waits[1].revents != 0 && !drain(errors, take_errors)) errors.reset();
    if (waits[0].revents == 0 && waits[1].revents == 0 && waits[2].revents != 0) return;
  }
}

}  // namespace

std::vector<std::string> git_environment(const std::vector<std::string>& ours) {
  // Set by git for its hooks and aliases: with them it would work on another repository than the one we name.
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
  variables.emplace_back("LC_ALL=C");  // its messages are read by a program
  variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  variables.emplace_back("GIT_ALLOW_PROTOCOL=file:git:http:https:ssh");  // whatever a configuration or a redirect says
  return variables;
}

std::optional<GitProgram> GitProgram::find() {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (!folder.starts_with('/')) continue;  // the current folder is other people's
    std::filesystem::path program = std::filesystem::path(folder) / "git";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0) {
      return GitProgram(std::move(program));
    }
  }
  return std::nullopt;
}

Result<GitProgram::Outcome> GitProgram::run(const std::vector<std::string>& arguments, const LineSink& on_line) const {
  std::vector<std::string> argv{"git"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  TRY(Pipe output, Pipe::open());
  TRY(Pipe errors, Pipe::open());
  TRY(const pid_t child, spawn(m_path, std::move(argv), output.write_end.get(), errors.write_end.get()));
  output.write_end.reset();
  errors.write_end.reset();
  Outcome outcome;
  LineSplitter lines(on_line);
  const UniqueFd ended(
      static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));  // glibc 2.36 declares it without C linkage
  read_all(output.read_end, errors.read_end, ended, outcome, lines);
  lines.finish();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return tl::make_unexpected(errno_error("wait for", m_path));
  }
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (outcome.output.size() > output_limit) return fail(ErrorKind::io, "git printed more than 256 MiB");
  return outcome;
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
