// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/cli/command.hpp"
#include "embedded/spyre_pipelines.hpp"

namespace spyre::cli {

void add_config(Command program) {
  Command config = program.add_command("config", "Show the built-in configuration");
  const auto add = [&](const char* name, const char* what, std::string_view text) {
    config.add_command(name, what).act([text](const Session&) -> Result<int> {
      fmt::print("{}", text);
      return 0;
    });
  };
  add("defaults", "Every key with its default", pipelines::defaults);
  add("scope", "The scope rules: which tests are excluded, and why", pipelines::scope);
  add("stages", "The stages of the rollout", pipelines::stages);
  add("gangs", "Which tests need several cards at once", pipelines::gangs);
  add("serial", "Which tests must not run in parallel with other tests of their file", pipelines::serial);
  config.footer(
      "Examples:\n"
      "  spyre-ci config defaults >spyre-ci.yaml     # start your own configuration\n"
      "  spyre-ci config scope >scope.yaml           # then: --set selection.scope=scope.yaml");
}

}  // namespace spyre::cli
