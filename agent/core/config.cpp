// SPDX-License-Identifier: Apache-2.0
#include "agent/core/config.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre {
namespace {

namespace fs = std::filesystem;
using Values = std::map<std::string, Yaml>;  // dotted key → value

// Maps whose keys the user chooses.
bool is_open(std::string_view key) {
  return key == "execute.environment.set";
}

// Keys of earlier versions, which still work for one release.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> renamed_keys{{
    {"cards.most_lost", "cards.max_cordoned"},
    {"cards.quarantine", "cards.cordon"},
    {"execute.case_factor", "execute.timeout_multiplier"},
    {"execute.case_floor", "execute.min_case_timeout"},
    {"relay.answer_timeout", "relay.response_timeout"},
}};

std::string current_key(std::string key) {
  const auto* const renamed = std::ranges::find(renamed_keys, key, [](const auto& pair) { return pair.first; });
  if (renamed == renamed_keys.end()) return key;
  log::warning(fmt::format("the key '{}' is deprecated: use '{}'", key, renamed->second));
  return std::string(renamed->second);
}

void flatten(const Yaml& map, const std::string& prefix, Values& out) {
  for (const Yaml::Entry& entry : map.entries()) {
    const std::string key = prefix + entry.key.text();
    if (entry.value.kind() == Yaml::Kind::map && !is_open(key)) {
      flatten(entry.value, key + ".", out);
    } else {
      out.insert_or_assign(key, entry.value);
    }
  }
}

std::vector<std::string> keys_of(const Values& values) {
  std::vector<std::string> keys;
  keys.reserve(values.size());
  for (const auto& [key, value] : values) keys.push_back(key);
  return keys;
}

Result<void> overlay(const Yaml& map, const std::string& prefix, Values& values) {
  if (map.kind() == Yaml::Kind::null) return {};
  if (map.kind() != Yaml::Kind::map) return map.error("expected keys and values");
  for (const Yaml::Entry& entry : map.entries()) {
    const std::string key = current_key(prefix + entry.key.text());
    if (const auto known = values.find(key); known != values.end()) {
      known->second = entry.value;
      continue;
    }
    const auto below = values.lower_bound(key + ".");
    if (below == values.end() || !below->first.starts_with(key + ".")) {
      return entry.key.error(fmt::format("unknown key '{}'{}", key, did_you_mean(key, keys_of(values))),
                             "`spyre-ci config defaults` prints every key");
    }
    CHECK_OK(overlay(entry.value, key + ".", values));
  }
  return {};
}

// Return whether the hidden value stands alone or in place of a URL's credentials.
bool is_hidden(std::string_view value) {
  return value == hidden_value || value.find(fmt::format("://{}@", hidden_value)) != std::string_view::npos;
}

Result<void> apply_setting(const std::string& setting, Values& values) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos) {
    return fail(ErrorKind::usage, fmt::format("--set {}: expected key=value", setting));
  }
  const std::string key = current_key(setting.substr(0, equals));
  if (is_hidden(setting.substr(equals + 1))) {
    return fail(
        ErrorKind::usage,
        fmt::format("--set {}: the value is missing: {} stands for a secret, which is not stored", key, hidden_value),
        fmt::format("give it (again): --set {}=VALUE", key));
  }
  const auto known = values.find(key);
  const std::size_t dot = key.rfind('.');
  if (known == values.end() && (dot == std::string::npos || !is_open(key.substr(0, dot)))) {
    return fail(ErrorKind::usage, fmt::format("--set: unknown key '{}'{}", key, did_you_mean(key, keys_of(values))),
                "`spyre-ci config defaults` prints every key");
  }
  if (known == values.end()) {
    // One entry of an open map: written over it as a small document of its own.
    TRY(const Yaml value, Yaml::parse(fmt::format("{}: {}", key.substr(dot + 1), setting.substr(equals + 1)), "--set"));
    values.insert_or_assign(key, value.entries().front().value);
    return {};
  }
  TRY(known->second, Yaml::parse(setting.substr(equals + 1), fmt::format("--set {}", key)));
  return {};
}

constexpr std::array<std::string_view, 4> isolation_names{"auto", "slice", "test", "process"};  // as in Isolation

Result<Isolation> read_isolation(const Yaml& value) {
  if (const auto isolation = parse_isolation(value.text())) return *isolation;
  const std::vector<std::string> names(isolation_names.begin(), isolation_names.end());
  return value.error(fmt::format("unknown isolation '{}'{}", value.text(), did_you_mean(value.text(), names)),
                     "one of " + join(names, ", "));
}

Result<std::uint64_t> read_open_files(const Yaml& value) {
  constexpr std::int64_t least = 32;  // a worker that captures output needs half of them itself
  TRY(const auto number, value.as_int(0, 1'000'000'000));
  if (number > 0 && number < least) {
    return value.error(fmt::format("{} open files are too few for a worker", number),
                       fmt::format("at least {}, or 0 for as many as the agent may open", least));
  }
  return static_cast<std::uint64_t>(number);
}

// Return whether the value is the second of two words.
Result<bool> read_choice(const Yaml& value, std::string_view what, const std::string& no, const std::string& yes) {
  if (value.text() == no || value.text() == yes) return value.text() == yes;
  return value.error(fmt::format("unknown {} '{}'{}", what, value.text(), did_you_mean(value.text(), {no, yes})),
                     fmt::format("{} or {}", no, yes));
}

// A limit without which a test that hangs would never end.
Result<Seconds> read_limit(const Yaml& value) {
  TRY(const Seconds limit, value.as_duration());
  if (limit > Seconds{0}) return limit;
  return value.error("a limit of 0 would be exceeded at once", "set a long limit, such as 24h, instead of none");
}

Result<std::uint64_t> read_size(const Yaml& value) {
  auto size = parse_size(value.text());
  if (!size) return value.error(size.error().message, size.error().hint);
  return *size;
}

Result<std::map<std::string, std::string>> read_environment(const Values& values) {
  std::map<std::string, std::string> environment;
  for (const Yaml::Entry& entry : values.at("execute.environment.set").entries()) {
    TRY(environment[entry.key.text()], entry.value.as_string());
  }
  const std::string prefix = "execute.environment.set.";
  for (auto it = values.lower_bound(prefix); it != values.end() && it->first.starts_with(prefix); ++it) {
    TRY(environment[it->first.substr(prefix.size())], it->second.as_string());
  }
  return environment;
}

Result<Config::Relay> read_relay(const Values& values) {
  const auto at = [&](const char* key) -> const Yaml& { return values.at(key); };
  Config::Relay relay;
  TRY(relay.url, at("relay.url").as_string());
  TRY(relay.repository, at("relay.repository").as_string());
  TRY(relay.token, at("relay.token").as_string());
  TRY(relay.outbox, at("relay.outbox").as_string());
  TRY(relay.response_timeout, at("relay.response_timeout").as_duration());
  TRY(relay.give_up, at("relay.give_up").as_duration());
  TRY(relay.backoff, at("relay.backoff").as_duration());
  TRY(const auto calls, at("relay.calls_a_minute").as_int(1, 1'000'000));
  relay.calls_a_minute = static_cast<int>(calls);
  TRY(relay.failed_tests_key, at("relay.failed_tests_key").as_string());
  TRY(relay.ca_file, at("relay.ca_file").as_string());
  TRY(relay.upstreams, at("relay.upstreams").as_strings());
  TRY(relay.pull_request, at("relay.pull_request").as_string());
  TRY(relay.push, at("relay.push").as_string());
  return relay;
}

Result<Config> build(const Values& values) {
  const auto at = [&](const char* key) -> const Yaml& { return values.at(key); };
  Config config;
  TRY(config.pytorch.repo, at("pytorch.repo").as_string());
  TRY(config.pytorch.pinned, at("pytorch.pinned").as_string());
  TRY(config.pytorch.main, at("pytorch.main").as_string());
  TRY(config.pytorch.mirror, at("pytorch.mirror").as_string());
  TRY(config.python.executable, at("python.executable").as_string());
  TRY(config.python.path, at("python.path").as_strings());
  TRY(config.python.preload, at("python.preload").as_strings());
  TRY(config.execute.isolation, read_isolation(at("execute.isolation")));
  TRY(config.execute.case_timeout, read_limit(at("execute.case_timeout")));
  TRY(config.execute.stall_timeout, read_limit(at("execute.stall_timeout")));
  TRY(config.execute.grace, at("execute.grace").as_duration());
  TRY(config.execute.batch_timeout, at("execute.batch_timeout").as_duration());
  TRY(config.execute.run_timeout, at("execute.run_timeout").as_duration());
  TRY(config.execute.serial, at("execute.serial").as_string());
  TRY(const auto retries, at("execute.retries").as_int(0, 100));
  config.execute.retries = static_cast<int>(retries);
  TRY(config.execute.retry_share, at("execute.retry_share").as_number(0, 1));
  TRY(const auto slice, at("execute.slice").as_int(1, 1'000'000));
  config.execute.slice = static_cast<int>(slice);
  TRY(config.execute.output_limit, read_size(at("execute.output_limit")));
  TRY(config.execute.memory_limit, read_size(at("execute.memory_limit")));
  TRY(config.execute.core_limit, read_size(at("execute.core_limit")));
  TRY(config.execute.open_files, read_open_files(at("execute.open_files")));
  TRY(config.execute.cgroup, at("execute.cgroup").as_string());
  TRY(config.execute.environment_pass, at("execute.environment.pass").as_strings());
  TRY(config.execute.environment_set, read_environment(values));
  TRY(config.execute.timeout_multiplier, at("execute.timeout_multiplier").as_int(0, 1'000'000));
  TRY(config.execute.min_case_timeout, at("execute.min_case_timeout").as_duration());
  TRY(config.cards.cordon, at("cards.cordon").as_duration());
  TRY(config.cards.release_timeout, at("cards.release_timeout").as_duration());
  TRY(const auto max_cordoned, at("cards.max_cordoned").as_int(0, 65'536));
  config.cards.max_cordoned = static_cast<int>(max_cordoned);
  TRY(config.cards.profile, at("cards.profile").as_string());
  TRY(config.cards.profiles, at("cards.profiles").as_string());
  TRY(config.cards.lease, at("cards.lease").as_duration());
  TRY(config.cards.leases, at("cards.leases").as_string());
  TRY(config.selection.scope, at("selection.scope").as_string());
  TRY(config.selection.stages, at("selection.stages").as_string());
  TRY(config.selection.gangs, at("selection.gangs").as_string());
  TRY(config.selection.disabled, at("selection.disabled").as_string());
  TRY(config.selection.platforms, at("selection.platforms").as_strings());
  TRY(config.selection.slow, at("selection.slow").as_string());
  TRY(config.selection.quarantine, at("selection.quarantine").as_string());
  TRY(config.selection.learns, read_choice(at("selection.evidence"), "evidence", "source", "history"));
  TRY(config.selection.needs_artefacts, read_choice(at("selection.artefacts"), "word", "optional", "required"));
  TRY(config.junit.tags, at("junit.tags").as_bool());
  TRY(config.history.url, at("history.url").as_string());
  TRY(config.jenkins.allow_http, at("jenkins.allow_http").as_bool());
  TRY(config.relay, read_relay(values));
  return config;
}

std::optional<std::string> default_file() {
  if (const char* named = std::getenv("SPYRE_CI_CONFIG"); named != nullptr && *named != '\0') return named;
  std::error_code ignored;
  for (const char* path : {"spyre-ci.yaml", "/etc/spyre-ci/config.yaml"}) {
    if (fs::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Isolation> parse_isolation(std::string_view name) {
  const auto found = std::ranges::find(isolation_names, name);
  if (found == isolation_names.end()) return std::nullopt;
  return static_cast<Isolation>(found - isolation_names.begin());
}

Result<Config> load_config(std::string_view defaults, const std::optional<std::string>& file,
                           const std::vector<std::string>& settings) {
  TRY(const Yaml base, Yaml::parse(defaults, "defaults.yaml"));
  Values values;
  flatten(base, "", values);
  if (const auto path = file ? file : default_file()) {
    TRY(const Yaml user, Yaml::load(*path));
    CHECK_OK(overlay(user, "", values));
  }
  for (const std::string& setting : settings) CHECK_OK(apply_setting(setting, values));
  return build(values);
}

}  // namespace spyre
