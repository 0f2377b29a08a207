// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::git {

// The git program of this machine, started without a shell. It gets the user's environment (proxies, credential
// helpers, keys), but nothing that would point it to another repository, and it never asks anyone anything.
class GitProgram {
 public:
  struct Outcome {
    int status = 0;      // exit status, when no signal ended it
    int signal = 0;      // the signal that ended it, or 0
    std::string output;  // what it printed
    std::string errors;  // what it complained about and how it went on: the last part when there was much
    bool good() const { return status == 0 && signal == 0; }
  };
  using LineSink = std::function<void(std::string_view)>;

  // The first git in PATH; nothing when there is none.
  static std::optional<GitProgram> find();

  // Runs it to its end. `on_line` gets each line of its progress, also those that overwrite each other on a terminal.
  // Error: io (it cannot be started, or printed more than 256 MiB).
  Result<Outcome> run(const std::vector<std::string>& arguments, const LineSink& on_line) const;

  const std::filesystem::path& path() const { return m_path; }

 private:
  explicit GitProgram(std::filesystem::path path) : m_path(std::move(path)) {}
  std::filesystem::path m_path;
};

// The environment that git gets, from this one: "NAME=value".
std::vector<std::string> git_environment(const std::vector<std::string>& ours);

// Cuts a stream into lines at '\n' and '\r'; empty ones are left out, and so are terminal escapes at the end.
class LineSplitter {
 public:
  explicit LineSplitter(GitProgram::LineSink sink) : m_sink(std::move(sink)) {}
  void feed(std::string_view bytes);
  void finish();  // the last line may have no end

 private:
  GitProgram::LineSink m_sink;
  std::string m_line;
};

}  // namespace spyre::git
