// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/folders.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace spyre::cli {
namespace {

namespace fs = std::filesystem;

Result<fs::path> base_folder(const char* variable, const char* below_home) {
  if (const char* named = std::getenv(variable); named != nullptr && *named == '/') return fs::path(named) / "spyre-ci";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / below_home / "spyre-ci";
  }
  return fail(ErrorKind::config, fmt::format("neither HOME nor {} is set: no folder to keep things in", variable),
              fmt::format("set {} to a folder", variable));
}

}  // namespace

Result<fs::path> cache_folder() {
  return base_folder("XDG_CACHE_HOME", ".cache");
}

Result<fs::path> state_folder() {
  return base_folder("XDG_STATE_HOME", ".local/state");
}

Result<std::string> history_url(const Config& config) {
  if (!config.history.url.empty()) return config.history.url;
  TRY(const fs::path state, state_folder());
  return fmt::format("sqlite://{}", (state / "history.sqlite").string());
}

Result<fs::path> leases_folder(const Config& config) {
  if (!config.cards.leases.empty()) return fs::path(config.cards.leases);
  TRY(const fs::path state, state_folder());
  return state / "leases";
}

}  // namespace spyre::cli
