// SPDX-License-Identifier: Apache-2.0
#include "agent/results/cause.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

using Kind = Cause::Kind;
using Where = Cause::Where;

// In the order of Cause::Kind and Cause::Where.
constexpr std::array<std::string_view, 24> kind_names{
    "none",          "budget",          "run_limit",     "batch_limit",     "signal",
    "exit_code",     "unknown_end",     "case_timeout",  "batch_timeout",   "stall",
    "memory_limit",  "bad_events",      "agent_died",    "interrupted",     "run_ended",
    "run_stopped",   "infra",           "import_failed", "reimport_failed", "missing",
    "too_few_cards", "could_not_start", "cards_faulty",  "refused"};
static_assert(kind_names.size() == static_cast<std::size_t>(Kind::refused) + 1);
constexpr std::array<std::string_view, 3> where_names{"test", "collection", "worker"};

std::string describe_end(const Cause& cause) {
  if (cause.kind == Kind::signal) return signal_name(cause.signal);
  if (cause.kind == Kind::exit_code) return fmt::format("exit code {}", cause.exit_code);
  return "an unknown cause";
}

std::string describe_crash(const Cause& cause) {
  const std::string end = describe_end(cause);
  std::string text;
  switch (cause.where) {
    case Where::test:
      text = cause.kind == Kind::signal ? fmt::format("crashed: {}", end)
                                        : fmt::format("crashed: the test ended its process with {}", end);
      break;
    case Where::collection:
      text = fmt::format("crashed during collection: {}", end);
      break;
    case Where::worker:
      text = fmt::format("crashed: its worker was ended by {}", end);
      break;
  }
  if (cause.bytes > 0) text += fmt::format(", perhaps out of memory: it had used {}", format_size(cause.bytes));
  return text;
}

std::string describe_timeout(const Cause& cause) {
  const std::string limit = format_duration(Seconds{cause.limit_s});
  std::string text = cause.kind == Kind::case_timeout
                         ? fmt::format("not finished after {}", limit)
                         : fmt::format("not finished within the batch's limit of {}", limit);
  if (!cause.detail.empty()) text += fmt::format("; when it was stopped, it ended as {}", cause.detail);
  return text;
}

std::string describe_shortage(const Cause& cause) {
  if (cause.usable_cards == cause.all_cards) {
    return fmt::format("needs {} cards, and there are only {}", cause.cards, cause.all_cards);
  }
  return fmt::format("needs {} cards, and {}", cause.cards, describe_usable_cards(cause));
}

std::string describe_kind(const Cause& cause) {
  const std::string limit = format_duration(Seconds{cause.limit_s});
  switch (cause.kind) {
    case Kind::none:
      return {};
    case Kind::budget:
      return fmt::format("over the budget of {}", limit);
    case Kind::run_limit:
      return fmt::format("the run's time limit of {} expired", limit);
    case Kind::batch_limit:
      return fmt::format("the batch's time limit of {} expired", limit);
    case Kind::signal:
    case Kind::exit_code:
    case Kind::unknown_end:
      return describe_crash(cause);
    case Kind::case_timeout:
    case Kind::batch_timeout:
      return describe_timeout(cause);
    case Kind::stall:
      return fmt::format("no heartbeat for {}", limit);
    case Kind::memory_limit:
      return fmt::format("crashed: used {} of memory, more than the limit of {}", format_size(cause.bytes),
                         format_size(cause.limit_bytes));
    case Kind::bad_events:
      return fmt::format("crashed: its worker was stopped, because it sent an invalid event: {}", cause.detail);
    case Kind::agent_died:
      return "crashed: the agent itself died every time it ran";
    case Kind::interrupted:
      return fmt::format("the run was interrupted by {}", signal_name(cause.signal));
    case Kind::run_ended:
      return "the run ended without it";
    case Kind::run_stopped:
      return "the run stopped before its end";
    case Kind::infra:
      return cause.detail;
    case Kind::import_failed:
      return "its file could not be collected";
    case Kind::reimport_failed:
      return "its file could not be collected again";
    case Kind::missing:
      return "was missing when its file was collected again";
    case Kind::too_few_cards:
      return describe_shortage(cause);
    case Kind::could_not_start:
      return fmt::format("no worker can be started on {} cards at once: {}", cause.cards, cause.detail);
    case Kind::cards_faulty:
      return fmt::format("no card can be used: {}", cause.detail);
    case Kind::refused:
      return fmt::format("the machine could not run it: {}", cause.detail);
  }
  return {};
}

template <std::size_t size>
std::size_t index_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

Cause told(Cause::Kind kind, std::string detail) {
  Cause cause{kind};
  cause.detail = std::move(detail);
  return cause;
}

std::string describe_usable_cards(const Cause& cause) {
  return fmt::format("only {} of {} can be used: {}", cause.usable_cards, cause.all_cards, cause.detail);
}

std::string describe(const Cause& cause) {
  return cause.running ? fmt::format("was running when {}", describe_kind(cause)) : describe_kind(cause);
}

nlohmann::json to_json(const Cause& cause) {
  nlohmann::json object{{"kind", kind_names[static_cast<std::size_t>(cause.kind)]}};
  if (cause.limit_s != 0) object["limit_s"] = cause.limit_s;
  if (cause.signal != 0) object["signal"] = cause.signal;
  if (cause.kind == Kind::exit_code) object["exit_code"] = cause.exit_code;
  if (cause.bytes != 0) object["bytes"] = cause.bytes;
  if (cause.limit_bytes != 0) object["limit_bytes"] = cause.limit_bytes;
  if (cause.cards != 0) object["cards"] = cause.cards;
  if (cause.kind == Kind::too_few_cards) {
    object["usable_cards"] = cause.usable_cards;
    object["all_cards"] = cause.all_cards;
  }
  if (cause.where != Where::test) object["where"] = where_names[static_cast<std::size_t>(cause.where)];
  if (cause.running) object["running"] = true;
  if (!cause.detail.empty()) object["detail"] = cause.detail;
  return object;
}

Result<Cause> read_cause(const nlohmann::json& event) {
  const auto found = event.find("cause");
  if (found == event.end()) return Cause{};
  TRY(const std::string kind, text(*found, "kind"));
  const std::size_t known = index_of(kind_names, kind);
  if (known == kind_names.size()) return Cause{};
  Cause cause;
  cause.kind = static_cast<Kind>(known);
  TRY(cause.limit_s, number_or(*found, "limit_s", 0));
  TRY(cause.signal, int_or(*found, "signal", 0));
  TRY(cause.exit_code, int_or(*found, "exit_code", 0));
  TRY(cause.bytes, count_or(*found, "bytes", 0));
  TRY(cause.limit_bytes, count_or(*found, "limit_bytes", 0));
  TRY(cause.cards, int_or(*found, "cards", 0));
  TRY(cause.usable_cards, int_or(*found, "usable_cards", 0));
  TRY(cause.all_cards, int_or(*found, "all_cards", 0));
  TRY(const std::string where, text_or(*found, "where", std::string(where_names.front())));
  if (const std::size_t place = index_of(where_names, where); place < where_names.size()) {
    cause.where = static_cast<Where>(place);
  }
  TRY(cause.running, flag_or(*found, "running", false));
  TRY(cause.detail, text_or(*found, "detail", {}));
  return cause;
}

}  // namespace spyre::results
