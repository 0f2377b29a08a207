// SPDX-License-Identifier: Apache-2.0
// Commands and their options, as CLI11 reads them. CLI11 takes seconds to compile wherever it is included: options.cpp
// and program.cpp alone do.
#pragma once

#include <functional>
#include <string>

#include "agent/core/result.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace spyre::cli {

struct Session;
// Carries the chosen command out; the value is the program's exit code.
using Action = std::function<Result<int>(const Session&)>;

// One option or argument of a command. A handle: copies mean the same option.
class Option {
 public:
  explicit Option(CLI::Option& option) : m_option(&option) {}

  Option& type_name(const std::string& name);  // what the help calls its value: FILE
  Option& required();
  Option& show_default();  // in the help: what its variable holds now
  Option& excludes(const Option& other);
  Option& from_variable(const std::string& name);  // of the environment, when it is not given
  Option& one_value_each();                        // what follows its value is something else
  Option& not_negative();

 private:
  CLI::Option* m_option;
};

// A command, or the program itself. A handle: copies mean the same command.
class Command {
 public:
  // Both outlive it.
  Command(CLI::App& app, Action& chosen) : m_app(&app), m_chosen(&chosen) {}

  // A command of this one, which then has to be called with one of its commands.
  Command add_command(const std::string& name, const std::string& what);
  // `name` as "--name", or "NAME" for an argument; `target` outlives the parsing. For the types that options.cpp lists.
  template <class T>
  Option add_option(const std::string& name, T& target, const std::string& what);
  Option add_flag(const std::string& name, bool& target, const std::string& what);
  // Behind the options in the help: examples, exit codes.
  void footer(const std::string& text);
  // What it does when it is the chosen one.
  void act(Action action);

 private:
  CLI::App* m_app;
  Action* m_chosen;
};

}  // namespace spyre::cli
