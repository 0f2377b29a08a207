// SPDX-License-Identifier: Apache-2.0
// What the commands have in common. One file a command: it reads its arguments, calls the library, prints.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace CLI {
class App;
}

namespace spyre::cli {

// What a command gets besides its own arguments.
struct Session {
  Config config;
  std::string config_file;            // as given with --config; empty: found by itself, or none
  std::vector<std::string> settings;  // as given with --set
  bool json = false;                  // a document on standard output instead of text for people

  // A result on standard output: the document with --json, the text otherwise.
  void print(const nlohmann::json& document, std::string_view text) const;
};

// Carries the chosen command out; the value is the program's exit code.
using Action = std::function<Result<int>(const Session&)>;

// Each adds one command to the program; when it is the chosen one, it sets `chosen`.
void add_checkout(CLI::App& program, Action& chosen);
void add_config(CLI::App& program, Action& chosen);
void add_dispatch(CLI::App& program, Action& chosen);
void add_doctor(CLI::App& program, Action& chosen);
void add_exec(CLI::App& program, Action& chosen);
void add_history(CLI::App& program, Action& chosen);
void add_jenkins(CLI::App& program, Action& chosen);
void add_junit(CLI::App& program, Action& chosen);
void add_impact(CLI::App& program, Action& chosen);
void add_list(CLI::App& program, Action& chosen);
void add_plan(CLI::App& program, Action& chosen);
void add_relay(CLI::App& program, Action& chosen);
void add_report(CLI::App& program, Action& chosen);
void add_resume(CLI::App& program, Action& chosen);
void add_run(CLI::App& program, Action& chosen);
void add_select(CLI::App& program, Action& chosen);
void add_simulate(CLI::App& program, Action& chosen);

}  // namespace spyre::cli
