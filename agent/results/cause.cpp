// SPDX-License-Identifier: Apache-2.0
#include "agent/results/cause.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

constexpr std::array<std::string_view, 4> kind_names{"none", "budget", "run_limit", "batch_limit"};  // as in Kind

}  // namespace

std::string describe(const Cause& cause) {
  const std::string limit = format_duration(Seconds{cause.limit_s});
  switch (cause.kind) {
    case Cause::Kind::none:
      return {};
    case Cause::Kind::budget:
      return fmt::format("over the budget of {}", limit);
    case Cause::Kind::run_limit:
      return fmt::format("the run's time limit of {} was over", limit);
    case Cause::Kind::batch_limit:
      return fmt::format("the batch's time limit of {} was over", limit);
  }
  return {};
}

nlohmann::json to_json(const Cause& cause) {
  return {{"kind", kind_names[static_cast<std::size_t>(cause.kind)]}, {"limit_s", cause.limit_s}};
}

Result<Cause> read_cause(const nlohmann::json& event) {
  const auto found = event.find("cause");
  if (found == event.end()) return Cause{};
  TRY(const std::string kind, text(*found, "kind"));
  const auto known = std::ranges::find(kind_names, kind);
  if (known == kind_names.end()) return Cause{};
  Cause cause{static_cast<Cause::Kind>(known - kind_names.begin()), 0};
  TRY(cause.limit_s, number_or(*found, "limit_s", 0));
  return cause;
}

}  // namespace spyre::results
