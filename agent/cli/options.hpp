// SPDX-License-Identifier: Apache-2.0
// Commands and their options, on top of CLI11. Only options.cpp and program.cpp include CLI11, because it takes seconds
// to compile.
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
// Executes the chosen command and returns the program's exit code.
using Action = std::function<Result<int>(const Session&)>;

// One option or argument of a command. A handle: copies refer to the same option.
class Option {
 public:
  explicit Option(CLI::Option& option) : m_option(&option) {}

  Option& type_name(const std::string& name);  // placeholder of its value in the help: FILE
  Option& required();
  Option& show_default();  // shows the current value of its variable in the help
  Option& excludes(const Option& other);
  Option& from_variable(const std::string& name);  // environment variable for the default
  Option& one_value_each();                        // each occurrence takes exactly one value
  Option& not_negative();

 private:
  CLI::Option* m_option;
};

// A command, or the program itself. A handle: copies refer to the same command.
class Command {
 public:
  // Both arguments must outlive this object.
  Command(CLI::App& app, Action& chosen) : m_app(&app), m_chosen(&chosen) {}

  // Add a subcommand. This command then requires one of its subcommands.
  Command add_command(const std::string& name, const std::string& what);
  // Add an option. `name`: "--name", or "NAME" for an argument; `target` must outlive the parsing. Available for the
  // types instantiated in options.cpp.
  template <class T>
  Option add_option(const std::string& name, T& target, const std::string& what);
  Option add_flag(const std::string& name, bool& target, const std::string& what);
  // Set the text after the options in the help: examples, exit codes.
  void footer(const std::string& text);
  // Set the action of the command.
  void act(Action action);

 private:
  CLI::App* m_app;
  Action* m_chosen;
};

}  // namespace spyre::cli
