// SPDX-License-Identifier: Apache-2.0
#include "agent/job/run_history.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/job/folders.hpp"

namespace spyre::job {
namespace {

constexpr Seconds patience{15};

struct Failure {
  Error error;
  bool is_said = false;
};

std::optional<Failure>& failure() {
  static std::optional<Failure> of_this_process;
  return of_this_process;
}

}  // namespace

Result<history::Store> open_run_history(const Config& config) {
  if (failure()) return tl::make_unexpected(failure()->error);
  TRY(const std::string url, history_url(config));
  auto store = history::Store::open(url, patience);
  if (!store) failure() = Failure{store.error()};
  return store;
}

void warn_without_history(std::string_view what, const Error& error) {
  if (!failure()) return log::warning(fmt::format("{}: {}", what, error.message));
  if (std::exchange(failure()->is_said, true)) return;
  log::warning(
      fmt::format("this run goes without history, for its plan, its report and its result: {}", error.message));
}

}  // namespace spyre::job
