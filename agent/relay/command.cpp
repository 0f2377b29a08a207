// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/command.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::relay {
namespace {

// posix_spawn's settings, and what has to be undone about them.
class Spawn {
 public:
  explicit Spawn(int output) {
    ::posix_spawn_file_actions_init(&m_actions);
    ::posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&m_actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&m_actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_init(&m_attributes);
    // A group of its own, and signals as any program expects them, whatever the agent ignores or blocks.
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&m_attributes, &none);
    ::posix_spawnattr_setsigdefault(&m_attributes, &all);
    ::posix_spawnattr_setpgroup(&m_attributes, 0);
    ::posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() {
    ::posix_spawn_file_actions_destroy(&m_actions);
    ::posix_spawnattr_destroy(&m_attributes);
  }

  // 0, or an errno.
  int start(const std::vector<std::string>& argv, pid_t& pid) const {
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return ::posix_spawnp(&pid, words[0], &m_actions, &m_attributes, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t m_actions{};
  posix_spawnattr_t m_attributes{};
};

// Ends and waits for what is still there.
class Child {
 public:
  explicit Child(pid_t pid) : m_pid(pid), m_pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (m_pid <= 0) return;
    ::kill(-m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
  }
  int pidfd() const { return m_pidfd.get(); }
  int wait() {
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) continue;
    m_pid = -1;
    return status;
  }

 private:
  pid_t m_pid;
  UniqueFd m_pidfd;
};

// Whether the descriptor is readable before the time is over.
bool is_ready(int fd, SteadyTime until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

tl::unexpected<Error> failed(const std::string& program, const std::string& why) {
  return fail(ErrorKind::infra, fmt::format("the token's command {} {}", program, why),
              "run it by hand: it has to print the token, and nothing else, on its standard output");
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
  if (quote != '\0')
    return fail(ErrorKind::usage, fmt::format("the token's command has a {} that does not end", quote));
  if (words.empty() || words.front().empty()) return fail(ErrorKind::usage, "the token's command is empty");
  return words;
}

Result<std::string> output_of(const std::vector<std::string>& argv, Seconds time_limit, std::size_t limit) {
  const SteadyTime until =
      std::chrono::steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(time_limit);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return tl::make_unexpected(errno_error("open a pipe for", argv.front()));
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  pid_t pid = -1;
  if (const int error = Spawn(write_end.get()).start(argv, pid); error != 0) {
    return failed(argv.front(), fmt::format("cannot be started: {}", std::generic_category().message(error)));
  }
  write_end.reset();
  Child child(pid);
  std::string output;
  std::array<char, 4096> block{};
  while (true) {
    if (!is_ready(read_end.get(), until)) return failed(argv.front(), "did not end in time");
    const ssize_t got = ::read(read_end.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(block.data(), static_cast<std::size_t>(got));
    if (output.size() > limit) return failed(argv.front(), "prints more than a token");
  }
  if (!is_ready(child.pidfd(), until)) return failed(argv.front(), "did not end in time");
  const int status = child.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return failed(argv.front(), WIFEXITED(status) ? fmt::format("ended with exit code {}", WEXITSTATUS(status))
                                                : fmt::format("was ended by signal {}", WTERMSIG(status)));
}

}  // namespace spyre::relay
