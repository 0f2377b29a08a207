// SPDX-License-Identifier: Apache-2.0
#include "agent/job/directories.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "agent/cards/leases.hpp"
#include "agent/core/files.hpp"
#include "agent/core/log.hpp"

namespace spyre::job {
namespace {

namespace fs = std::filesystem;

Result<fs::path> base_directory(const char* variable, const char* below_home) {
  if (const char* named = std::getenv(variable); named != nullptr && *named == '/') return fs::path(named) / "spyre-ci";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / below_home / "spyre-ci";
  }
  return fail(ErrorKind::config, fmt::format("neither HOME nor {} is set: no directory to keep things in", variable),
              fmt::format("set {} to a directory", variable));
}

}  // namespace

Result<fs::path> cache_directory() {
  return base_directory("XDG_CACHE_HOME", ".cache");
}

Result<fs::path> state_directory() {
  return base_directory("XDG_STATE_HOME", ".local/state");
}

Result<std::string> history_url(const Config& config) {
  if (!config.history.url.empty()) return config.history.url;
  TRY(const fs::path state, state_directory());
  return fmt::format("sqlite://{}", (state / "history.sqlite").string());
}

Result<fs::path> leases_directory(const Config& config) {
  if (!config.cards.leases.empty()) {
    CHECK_OK(make_directories(config.cards.leases));
    return fs::path(config.cards.leases);
  }
  const auto shared = cards::open_leases_directory(cards::machine_leases);
  if (shared) return fs::path(cards::machine_leases);
  TRY(const fs::path state, state_directory());
  log::warning(fmt::format("leases of cards are kept in {}, where agents of other users do not see them: {}",
                           (state / "leases").string(), shared.error().message));
  CHECK_OK(make_directories(state / "leases"));
  return state / "leases";
}

}  // namespace spyre::job
