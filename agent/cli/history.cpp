// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/folders.hpp"
#include "agent/history/store.hpp"
#include "agent/results/record.hpp"

namespace spyre::cli {
namespace {

Result<history::Store> open_history(const Session& session) {
  TRY(const std::string url, history_url(session.config));
  return history::Store::open(url);
}

Result<int> import_runs(const std::vector<std::string>& run_dirs, const Session& session) {
  TRY(history::Store store, open_history(session));
  nlohmann::json imported = nlohmann::json::array();
  std::string text;
  for (const std::string& run_dir : run_dirs) {
    TRY(const results::RunRecord record, results::read_record(run_dir));
    TRY(const bool added, store.import(record));
    imported.push_back({{"run_id", record.run_id}, {"added", added}});
    text += fmt::format("{} {}\n", record.run_id, added ? "added" : "is there already");
  }
  session.print({{"imported", imported}}, text);
  return 0;
}

std::string as_text(const history::KnownDurations& known) {
  std::vector<std::pair<double, std::string>> slowest;
  for (const auto& [test, seconds] : known.tests) slowest.emplace_back(seconds, test);
  std::sort(slowest.begin(), slowest.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::string text;
  for (const auto& [seconds, test] : slowest) text += fmt::format("{:10.3f} s  {}\n", seconds, test);
  return text;
}

Result<int> print_durations(const Session& session) {
  TRY(const history::Store store, open_history(session));
  TRY(const history::KnownDurations known, store.durations());
  session.print(history::to_json(known), as_text(known));
  return 0;
}

}  // namespace

void add_history(CLI::App& program, Action& chosen) {
  CLI::App* history = program.add_subcommand("history", "What happened in earlier runs");
  history->require_subcommand(1);
  history->fallthrough();

  const auto run_dirs = std::make_shared<std::vector<std::string>>();
  CLI::App* import = history->add_subcommand("import", "Add runs; one that is there already is left as it is");
  import->fallthrough();
  import->add_option("RUN_DIR", *run_dirs, "run directories")->required();
  import->callback([run_dirs, &chosen] { chosen = [run_dirs](const Session& s) { return import_runs(*run_dirs, s);
};
}  // namespace spyre::cli
);

CLI::App* durations = history->add_subcommand("durations", "How long each test takes, slowest first");
durations->fallthrough();
durations->callback([&chosen] { chosen = [](const Session& s) { return print_durations(s); }; });

history->footer(
    "`run` adds itself; `import` is for runs of other machines, such as the shards of a Jenkins build.\n"
    "Examples:\n"
    "  spyre-ci history import shard-*\n"
    "  spyre-ci history durations | head\n"
    "  spyre-ci history durations --json >durations.json     # for `plan --durations` elsewhere");
}

}  // namespace spyre::cli
