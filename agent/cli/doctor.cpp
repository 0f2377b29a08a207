// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/core/files.hpp"
#include "agent/history/store.hpp"
#include "agent/job/directories.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/stack.hpp"
#include "agent/job/taken_cards.hpp"

namespace spyre::cli {
namespace {

struct Finding {
  enum class State { good, missing, optional };
  std::string what;
  State state = State::good;
  std::string detail, remedy;
};

template <typename T>
Finding finding(std::string what, const Result<T>& result, std::string good,
                Finding::State otherwise = Finding::State::missing) {
  if (result) return {std::move(what), Finding::State::good, std::move(good), ""};
  return {std::move(what), otherwise, result.error().message, result.error().hint};
}

Result<void> can_write(const Result<std::filesystem::path>& directory) {
  if (!directory) return tl::make_unexpected(directory.error());
  const std::filesystem::path probe = *directory / "doctor";
  CHECK_OK(write_file(probe, "can be deleted\n"));
  std::error_code ignored;  // a leftover file is harmless
  std::filesystem::remove(probe, ignored);
  return {};
}

Result<void> open_history(const Config& config) {
  TRY(const std::string url, job::history_url(config));
  CHECK_OK(history::Store::open(url));
  return {};
}

std::vector<Finding> examine(const Config& config) {
  std::vector<Finding> findings;
  findings.push_back(
      finding("python", job::check_python(config), fmt::format("{} has pytest", config.python.executable)));
  const auto cards = job::find_cards("auto");
  findings.push_back(
      finding("cards", cards, cards ? fmt::format("{} found", cards->size()) : "", Finding::State::optional));
  const auto leases = job::leases_directory(config);
  findings.push_back(finding(
      "leases", leases,
      leases
          ? fmt::format("{}; a container shares cards with others only when it mounts this directory", leases->string())
          : ""));
  const auto cache = job::cache_directory();
  findings.push_back(finding("cache", can_write(cache), cache ? cache->string() : ""));
  findings.push_back(finding("history", open_history(config), job::history_url(config).value_or("")));
  findings.push_back(finding("scope rules", job::load_scope(config), config.selection.scope));
  return findings;
}

Result<int> doctor(const Session& session) {
  bool good = true;
  std::string text;
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& finding : examine(session.config)) {
    static constexpr const char* states[] = {"ok", "missing", "none"};
    const char* state = states[static_cast<std::size_t>(finding.state)];
    good = good && finding.state != Finding::State::missing;
    text += fmt::format("{:<8} {:<12} {}\n", state, finding.what, finding.detail);
    if (!finding.remedy.empty()) text += fmt::format("{:<21} {}\n", "", finding.remedy);
    list.push_back({{"what", finding.what}, {"state", state}, {"detail", finding.detail}, {"remedy", finding.remedy}});
  }
  session.print({{"findings", list}}, text);
  return good ? 0 : exit_code(ErrorKind::infra);
}

}  // namespace

void add_doctor(Command program) {
  Command command = program.add_command("doctor", "Check this machine, and show how to fix what is missing");
  command.footer("Exit codes: 0 runs are possible, 3 they are not. Without cards, runs need --cards cpu:N.");
  command.act([](const Session& s) { return doctor(s); });
}

}  // namespace spyre::cli
