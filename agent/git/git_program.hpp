// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::git {

// The machine's git program, started without a shell. It gets the user's environment (proxies, credential helpers,
// keys), except variables that select another repository, and it never prompts.
class GitProgram {
 public:
  struct Outcome {
    int status = 0;                          // exit status; -1 if it did not exit
    int signal = 0;                          // the signal that ended it, or 0
    std::string output;                      // what it printed
    std::string errors;                      // its progress and errors: the last part if there was much
    std::optional<Seconds> silent_for = {};  // time without output after which it was stopped
    bool good() const { return status == 0 && signal == 0 && !silent_for; }
  };
  using LineSink = std::function<void(std::string_view)>;

  // A transfer reports its progress every second; checking a complete history takes a few minutes without output. HTTP
  // connections have a limit of their own (http.lowSpeedTime), but ssh waits forever for a server that does not
  // respond.
  static constexpr Seconds longest_silence = std::chrono::minutes{15};

  GitProgram(std::filesystem::path path, Seconds silence_limit)
      : m_path(std::move(path)), m_silence_limit(silence_limit) {}
  // Return the first git in PATH; nothing if there is none.
  static std::optional<GitProgram> find();

  // Run git to its end. `on_line` gets each line of its progress, also lines that overwrite each other on a terminal.
  // Error: not_found, io (it cannot be executed, or printed more than 256 MiB), infra (no more processes).
  Result<Outcome> run(const std::vector<std::string>& arguments, const LineSink& on_line) const;

  const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
  Seconds m_silence_limit;
};

// Return git's environment, made from ours: "NAME=value".
std::vector<std::string> git_environment(const std::vector<std::string>& ours);

// Splits a stream into lines at '\n' and '\r'. Leaves out empty lines and terminal escapes at the end of a line.
class LineSplitter {
 public:
  explicit LineSplitter(GitProgram::LineSink sink) : m_sink(std::move(sink)) {}
  void feed(std::string_view bytes);
  void finish();  // the last line may lack an end

 private:
  GitProgram::LineSink m_sink;
  std::string m_line;
};

}  // namespace spyre::git
