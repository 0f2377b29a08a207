// SPDX-License-Identifier: Apache-2.0
#include "agent/job/run_options.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/cards/environment.hpp"
#include "agent/cards/health.hpp"
#include "agent/cards/topology.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/files.hpp"
#include "agent/job/taken_cards.hpp"
#include "agent/job/test_notes.hpp"
#include "agent/process/process.hpp"
#include "embedded/spyre_pipelines.hpp"
#include "testsel/oot_document.hpp"

namespace spyre::job {
namespace {

namespace fs = std::filesystem;

// A case that was always fast and now takes a minute hangs; a case without a known duration gets the whole limit.
std::function<Seconds(const std::string&)> case_limits(const Config& config, const std::string& card_kind,
                                                       RunHistory& earlier) {
  if (config.execute.timeout_multiplier == 0) return {};
  const auto known = earlier.durations(card_kind);
  if (!known) return {};
  std::unordered_map<std::string, Seconds> limits;
  for (const auto& [unit, cases] : (*known)->cases) {
    for (const history::CaseDuration& one : cases) {
      const Seconds usual{one.seconds * static_cast<double>(config.execute.timeout_multiplier)};
      limits.emplace(one.id, std::clamp(usual, std::min(config.execute.min_case_timeout, config.execute.case_timeout),
                                        config.execute.case_timeout));
    }
  }
  return [limits = std::move(limits), longest = config.execute.case_timeout](const std::string& id) {
    const auto found = limits.find(id);
    return found == limits.end() ? longest : found->second;
  };
}

Result<execute::SerialRules> serial_rules(const Config& config) {
  const std::string& file = config.execute.serial;
  if (file.empty()) return execute::SerialRules::parse(pipelines::serial, "serial.yaml");
  TRY(const std::string text, read_file(file));
  return execute::SerialRules::parse(text, file);
}

// torch-spyre's plugin reads one configuration: RUN_DIR/oot-config.yaml, also when the run is resumed.
Result<cards::Variables> known_to_profiles(const Execution& execution) {
  cards::Variables known{{"TORCH_ROOT", execution.source.string()}};
  if (execution.oot_configs.empty()) return known;
  const fs::path merged = execution.run_dir / "oot-config.yaml";
  if (std::error_code error; !fs::exists(merged, error)) {
    const std::vector<fs::path> paths(execution.oot_configs.begin(), execution.oot_configs.end());
    TRY(const std::string text, testsel::merged_oot_document(paths));
    CHECK_OK(write_file(merged, text));
  }
  known["PYTORCH_TEST_CONFIG"] = merged.string();
  return known;
}

// Return the function that selects the classes to create for the device, by test file.
Result<std::function<execute::command::Inject(const std::string&)>> injection(cards::PlainTests plain,
                                                                              const Execution& execution) {
  ConfiguredTests configured;
  if (!execution.oot_configs.empty()) {
    TRY(const testsel::Inventory inventory, testsel::read_inventory(DirectoryTree(execution.source)));
    TRY(configured, configured_tests(execution.oot_configs, inventory));
  }
  return [plain, configured = std::move(configured)](const std::string& file) {
    const auto found = configured.find(file);
    return execute::command::Inject{plain, found == configured.end() ? std::vector<std::string>() : found->second};
  };
}

}  // namespace

Result<execute::RunOptions> run_options(const Execution& execution, const Setup& setup, RunHistory& earlier) {
  const cards::Machine machine = cards::Machine::here();
  execute::RunOptions options;
  options.execute = setup.config.execute;
  options.python = setup.config.python;
  for (std::string& directory : options.python.path)
    directory = (setup.directory / directory).lexically_normal().string();
  options.source = execution.source;
  options.run_dir = execution.run_dir;
  options.cards = execution.cards;
  options.topology = cards::read_topology(execution.cards, machine);
  options.run_id = execution.run_id;
  options.environment = machine.environment;
  TRY(options.serial, serial_rules(setup.config));
  options.card_settings.cordon = setup.config.cards.cordon;
  options.card_settings.release_timeout = setup.config.cards.release_timeout;
  options.card_settings.max_cordoned = static_cast<std::size_t>(setup.config.cards.max_cordoned);
  options.is_released = [machine](const cards::Card& card) { return cards::holders(card, machine).empty(); };
  options.keep_cards = execution.keep_cards;
  options.check_run_dir = execution.check_run_dir;
  options.junit_tags = setup.config.junit.tags;
  options.case_limit = case_limits(setup.config, execution.cards.front().kind, earlier);
  options.warnings = execution.warnings;
  options.stack_key = execution.stack_key;
  TRY(const cards::Variables known, known_to_profiles(execution));
  TRY(ExpandedProfile profile, profile_of(execution.cards, known, setup.config));
  for (const std::string& entry : profile.all.left_out) options.warnings.push_back("not given to tests: " + entry);
  for (const std::string& name : profile.capabilities) {
    const auto number = process::capability_of(name);
    if (!number) {
      return fail(ErrorKind::config, fmt::format("a profile keeps '{}', which workers do not drop", name),
                  "they drop: CAP_SYS_PTRACE, CAP_PERFMON, CAP_SYS_ADMIN");
    }
    options.keep_capabilities.push_back(*number);
  }
  cards::WorkerSettings settings;
  settings.cards = execution.cards.size();
  settings.set = std::move(profile.all.variables);
  settings.cache = (execution.run_dir / "cache").string();
  options.card_environment = [machine, settings](const std::vector<cards::Card>& gang) {
    return cards::worker_environment(gang, machine, settings);
  };
  options.file_environment = [files = std::move(profile.files)](const std::string& file) {
    return cards::variables_of(files, file);
  };
  if (profile.isolation && options.execute.isolation == Isolation::automatic) {
    options.execute.isolation = *profile.isolation;
  }
  if (profile.inject) {
    TRY(options.inject, injection(*profile.inject, execution));
  }
  options.shard = execution.shard;
  options.resume = execution.resume;
  return options;
}

}  // namespace spyre::job
