// SPDX-License-Identifier: Apache-2.0
// The common part of the commands. One file per command: it reads its arguments, calls the library and prints.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/cli/options.hpp"
#include "agent/core/result.hpp"
#include "agent/job/setup.hpp"

namespace spyre::cli {

// The common options of a command.
struct Session : job::Setup {
  bool json = false;  // print a document on standard output instead of text

  // Print a result on standard output: the document with --json, else the text.
  void print(const nlohmann::json& document, std::string_view text) const;
};

// Each of these adds one command to the program.
void add_checkout(Command program);
void add_config(Command program);
void add_dispatch(Command program);
void add_doctor(Command program);
void add_exec(Command program);
void add_history(Command program);
void add_jenkins(Command program);
void add_junit(Command program);
void add_impact(Command program);
void add_list(Command program);
void add_plan(Command program);
void add_relay(Command program);
void add_report(Command program);
void add_resume(Command program);
void add_run(Command program);
void add_select(Command program);
void add_simulate(Command program);

}  // namespace spyre::cli
