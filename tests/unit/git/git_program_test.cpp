// SPDX-License-Identifier: Apache-2.0
#include "agent/git/git_program.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "agent/core/text.hpp"
#include "agent/git/git_failure.hpp"
#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace {

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  std::vector<std::string> lines;
  LineSplitter splitter([&lines](std::string_view line) { lines.emplace_back(line); });
  for (const std::string& piece : pieces) splitter.feed(piece);
  splitter.finish();
  return lines;
}

GitProgram::Outcome failed_with(std::string errors) {
  return {.status = 128, .signal = 0, .output = {}, .errors = std::move(errors)};
}

TEST_CASE("progress is split into lines, however it arrives", "[git_program]") {
  CHECK(lines_of({"a 1%\ra 2%\r", "a 100%\n", "\n", "  rest"}) ==
        std::vector<std::string>{"a 1%", "a 2%", "a 100%", "rest"});
  CHECK(lines_of({"remote: Counting", " objects\x1b[K\n"}) == std::vector<std::string>{"remote: Counting objects"});
  CHECK(lines_of({}).empty());
  CHECK(lines_of({std::string(1 << 20, 'x')}).front().size() < 10'000);
}

TEST_CASE("git gets the user's settings, but no settings of another repository", "[git_program]") {
  const auto variables =
      git_environment({"HOME=/home/me", "https_proxy=p", "GIT_SSH_COMMAND=ssh -i k", "GIT_DIR=/other",
                       "GIT_INDEX_FILE=/other/index", "GIT_ALLOW_PROTOCOL=ext", "LC_ALL=de_DE.UTF-8"});
  const auto has = [&](std::string_view variable) {
    return std::find(variables.begin(), variables.end(), variable) != variables.end();
  };
  CHECK(has("HOME=/home/me"));
  CHECK(has("https_proxy=p"));
  CHECK(has("GIT_SSH_COMMAND=ssh -i k"));
  CHECK(has("GIT_TERMINAL_PROMPT=0"));
  CHECK(has("LC_ALL=C"));
  CHECK_FALSE(has("GIT_DIR=/other"));
  CHECK_FALSE(has("GIT_INDEX_FILE=/other/index"));
  CHECK_FALSE(has("GIT_ALLOW_PROTOCOL=ext"));
  CHECK_FALSE(has("LC_ALL=de_DE.UTF-8"));
}

TEST_CASE("output, errors and status are returned", "[git_program]") {
  const GitProgram git = *GitProgram::find();
  CHECK(git.path().is_absolute());
  const auto good = value_of(git.run({"--version"}, {}));
  CHECK(good.good());
  CHECK(good.output.starts_with("git version"));
  std::vector<std::string> seen;
  const auto bad = value_of(git.run({"no-such-command"}, [&](std::string_view line) { seen.emplace_back(line); }));
  CHECK_FALSE(bad.good());
  CHECK(bad.status == 1);
  CHECK(bad.errors.find("no-such-command") != std::string::npos);
  CHECK_FALSE(seen.empty());
}

TEST_CASE("arguments are passed unchanged, whatever they contain", "[git_program]") {
  const auto outcome = value_of(GitProgram::find()->run({"-c", "a.b=$(touch x); `y` 'z\" \n", "config", "a.b"}, {}));
  CHECK(outcome.output == "$(touch x); `y` 'z\" \n\n");
}

TEST_CASE("much output does not block", "[git_program]") {
  const Upstream upstream;
  upstream.write("big", std::string(3 << 20, 'x'));
  upstream.commit();
  CHECK(upstream.git({"cat-file", "-p", "HEAD:big"}).size() == 3 << 20);
}

TEST_CASE("git holds none of the agent's locks", "[git_program]") {
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  const FileLock lock = value_of(FileLock::take(directory.path() / "lock"));
  // An alias that begins with "!" is the one way to look at the child's own descriptors.
  const auto outcome = value_of(GitProgram::find()->run({"-c", "alias.look=!ls -l /proc/self/fd", "look"}, {}));
  CHECK(outcome.good());
  CHECK(outcome.output.find("lock") == std::string::npos);
  CHECK(outcome.output.find("/dev/null") != std::string::npos);
}

TEST_CASE("signals that the agent ignores still end git", "[git_program]") {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  const auto outcome =
      value_of(GitProgram::find()->run({"-c", "alias.die=!kill -TERM $PPID; kill -TERM $$", "die"}, {}));
  std::signal(SIGTERM, before);
  CHECK(outcome.signal == SIGTERM);
}

TEST_CASE("a git that hangs is stopped, and the error names the limit", "[git_program]") {
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  const std::filesystem::path hanging = directory.path() / "git";
  REQUIRE(put(hanging, "#!/bin/sh\necho 'remote: busy' >&2\nexec sleep 1000\n"));
  std::filesystem::permissions(hanging, std::filesystem::perms{0755});
  const Seconds limit{0.3};
  const auto outcome = value_of(GitProgram(hanging, limit).run({"fetch"}, {}));
  CHECK_FALSE(outcome.good());
  CHECK(outcome.silent_for == limit);
  CHECK(outcome.errors == "remote: busy\n");

  const Address address = value_of(parse_address("ssh://me@h/x"));
  const Error error = git_failure("cannot fetch main", outcome, address);
  CHECK(error.kind == ErrorKind::infra);
  CHECK(error.message.find("git printed nothing for " + format_duration(limit)) != std::string::npos);
  CHECK(error.hint.find("git ls-remote") != std::string::npos);
}

TEST_CASE("without git in PATH find() returns nothing", "[git_program]") {
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent:.:", 1);
  const bool found = GitProgram::find().has_value();
  ::setenv("PATH", before.c_str(), 1);
  CHECK_FALSE(found);
}

TEST_CASE("git's error texts become errors by kind", "[git_failure]") {
  const auto [errors, kind] = GENERATE(table<std::string, ErrorKind>({
      {"fatal: couldn't find remote ref refs/tags/x", ErrorKind::not_found},
      {"fatal: remote error: upload-pack: not our ref 0123", ErrorKind::not_found},
      {"fatal: write error: No space left on device\nfatal: index-pack failed", ErrorKind::io},
      {"fatal: could not read Username for 'https://h': terminal prompts disabled", ErrorKind::infra},
      {"git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", ErrorKind::infra},
      {"fatal: unable to access 'https://h/x/': Could not resolve host: h", ErrorKind::infra},
      {"fatal: '/x' does not appear to be a git repository\nfatal: Could not read", ErrorKind::invalid},
      {"remote: Repository not found.\nfatal: repository 'https://h/x/' not found", ErrorKind::invalid},
      {"something nobody has seen", ErrorKind::infra},
      {"", ErrorKind::infra},
  }));
  const Address address = value_of(parse_address("https://me:hunter22@h/x"));
  const Error error = git_failure("cannot fetch main", failed_with(errors), address);
  CHECK(error.kind == kind);
  CHECK(error.message.starts_with("cannot fetch main from https://h/x: "));
  CHECK(error.message.find('\n') == std::string::npos);
}

TEST_CASE("an error of git contains its reason, and neither progress nor credentials", "[git_failure]") {
  const Address address = value_of(parse_address("https://me:hunter22@h/x"));
  const Error error =
      git_failure("cannot fetch main",
                  failed_with("remote: Enumerating objects: 5, done.\nReceiving objects:  20% (1/5)\r"
                              "fatal: unable to access 'https://me:hunter22@h/x/': hunter22 is wrong\n"),
                  address);
  CHECK(error.message == "cannot fetch main from https://h/x: fatal: unable to access 'https://h/x/': *** is wrong");
}

TEST_CASE("an interrupted git is not a network failure", "[git_failure]") {
  const Address address = value_of(parse_address("https://h/x"));
  CHECK(git_failure("x", {.status = 0, .signal = SIGINT, .output = {}, .errors = {}}, address).kind ==
        ErrorKind::interrupted);
  CHECK(git_failure("x", {.status = 0, .signal = SIGKILL, .output = {}, .errors = {}}, address).kind ==
        ErrorKind::infra);
}

}  // namespace
}  // namespace spyre::git
