// SPDX-License-Identifier: Apache-2.0
#include "agent/results/request.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/secrets.hpp"
#include "agent/core/version.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

constexpr std::array build_variables{
    "BUILD_NUMBER",  "BUILD_TAG",          "BUILD_URL",     "JOB_NAME",   "NODE_NAME",         "BRANCH_NAME",
    "CHANGE_ID",     "CHANGE_TARGET",      "CHANGE_BRANCH", "GIT_COMMIT", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB",    "GITHUB_SHA", "HOSTNAME"};

// Quote a word for a shell: ids may contain brackets, spaces and quotes.
std::string quoted(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

Result<std::map<std::string, std::string>> read_build(const nlohmann::json& document) {
  std::map<std::string, std::string> build;
  const auto field = document.find("build");
  if (field == document.end()) return build;
  for (const auto& [key, value] : field->items()) {
    if (!value.is_string()) return fail(ErrorKind::invalid, "\"build\" must contain only strings");
    build.emplace(key, value.get_ref<const std::string&>());
  }
  return build;
}

Result<RunRequest> from_json(const nlohmann::json& document) {
  RunRequest request;
  TRY(request.run_id, text(document, "run_id"));
  TRY(request.started, text_or(document, "started", {}));
  TRY(request.source, text_or(document, "source", {}));
  TRY(request.repository, text_or(document, "repository", {}));
  TRY(request.asked_revision, text_or(document, "asked_revision", {}));
  TRY(request.revision, text_or(document, "revision", {}));
  TRY(request.stage, text_or(document, "stage", {}));
  TRY(const double fraction, number_or(document, "fraction", -1));
  if (fraction >= 0) request.fraction = fraction;
  TRY(request.only, texts(document, "only"));
  TRY(request.limit, count_or(document, "limit", 0));
  TRY(request.budget, text_or(document, "budget", {}));
  TRY(request.cards, text_or(document, "cards", {}));
  TRY(const int shard, int_or(document, "shard", -1));
  if (shard >= 0) request.shard = shard;
  TRY(request.oot_configs, texts(document, "oot_configs"));
  if (const auto stack = document.find("stack"); stack != document.end()) {
    TRY(request.stack, read_stack(*stack));
  }
  TRY(request.strict_stack, flag_or(document, "strict_stack", false));
  TRY(request.directory, text_or(document, "folder", {}));
  TRY(request.config_file, text_or(document, "config_file", {}));
  TRY(request.settings, texts(document, "settings"));
  TRY(request.build, read_build(document));
  return request;
}

}  // namespace

nlohmann::json to_json(const RunRequest& request) {
  nlohmann::json settings = nlohmann::json::array();
  for (const std::string& setting : request.settings) settings.push_back(public_setting(setting));
  nlohmann::json build = nlohmann::json::object();
  for (const auto& [key, value] : request.build) build[key] = hide_secrets(without_credentials(value));
  nlohmann::json document{{"schema", schema_id("run")},
                          {"version", version},
                          {"run_id", request.run_id},
                          {"started", request.started},
                          {"source", request.source},
                          {"repository", hide_secrets(without_credentials(request.repository))},
                          {"asked_revision", request.asked_revision},
                          {"revision", request.revision},
                          {"stage", request.stage},
                          {"only", request.only},
                          {"limit", request.limit},
                          {"budget", request.budget},
                          {"cards", request.cards},
                          {"oot_configs", request.oot_configs},
                          {"stack", to_json(request.stack)},
                          {"strict_stack", request.strict_stack},
                          {"folder", request.directory},
                          {"config_file", request.config_file},
                          {"settings", std::move(settings)},
                          {"build", std::move(build)}};
  if (request.fraction) document["fraction"] = *request.fraction;
  if (request.shard) document["shard"] = *request.shard;
  return document;
}

Result<void> write_request(const RunRequest& request, const std::filesystem::path& run_dir) {
  return write_file(run_dir / "run.json", dump_json_pretty(to_json(request)));
}

Result<RunRequest> read_request(const std::filesystem::path& run_dir) {
  const std::filesystem::path path = run_dir / "run.json";
  TRY(const nlohmann::json document, read_document(path, "run"));
  auto request = from_json(document);
  if (!request) return fail(request.error().kind, fmt::format("{}: {}", path.string(), request.error().message));
  return request;
}

std::map<std::string, std::string> build_identity(const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> build;
  for (const char* name : build_variables) {
    if (const auto found = environment.find(name); found != environment.end()) build.insert(*found);
  }
  return build;
}

std::string build_url(const std::map<std::string, std::string>& build) {
  const auto value = [&](const char* name) {
    const auto found = build.find(name);
    return found == build.end() ? std::string{} : found->second;
  };
  std::string url = value("BUILD_URL");
  if (const std::string run = value("GITHUB_RUN_ID"); url.empty() && !run.empty()) {
    url = fmt::format("{}/{}/actions/runs/{}", value("GITHUB_SERVER_URL"), value("GITHUB_REPOSITORY"), run);
  }
  const bool is_web = url.starts_with("https://") || url.starts_with("http://");
  return is_web ? without_credentials(url) : std::string{};
}

std::string rerun_command(const RunRequest& request, const std::vector<std::string>& units) {
  std::string command = "spyre-ci";
  const auto add = [&](std::string_view option, std::string_view value) {
    if (!value.empty()) command += fmt::format(" {} {}", option, quoted(value));
  };
  add("--config", request.config_file);
  for (const std::string& setting : request.settings) add("--set", public_setting(setting));
  command += " run";
  if (!request.source.empty()) {
    add("--source", request.source);
  } else {
    add("--repo", hide_secrets(without_credentials(request.repository)));
    add("--rev", request.revision.empty() ? request.asked_revision : request.revision);
  }
  add("--cards", request.cards);
  for (const std::string& config : request.oot_configs) add("--oot-config", config);
  for (const auto& [name, version] : request.stack.given) add("--stack", fmt::format("{}={}", name, version));
  command += " --fraction 1";
  for (const std::string& unit : units) add("--only", unit);
  return command;
}

}  // namespace spyre::results
