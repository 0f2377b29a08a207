// SPDX-License-Identifier: Apache-2.0
// Why a case was not run, as a fact.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

struct Cause {
  // The names are written in documents.
  enum class Kind {
    none,         // no fact is known: a text says why
    budget,       // the budget was over before it began
    run_limit,    // execute.run_timeout was over
    batch_limit,  // execute.batch_timeout was over
  };
  Kind kind = Kind::none;
  double limit_s = 0;  // the limit that was over

  bool operator==(const Cause&) const = default;
};

// Whether a limit of time was over.
constexpr bool is_time(const Cause& cause) {
  return cause.kind != Cause::Kind::none;
}

// For people: "over the budget of 10 min". Empty for none.
std::string describe(const Cause& cause);

nlohmann::json to_json(const Cause& cause);
// The member "cause" of an event; none when there is no such member, or it is of a kind that is not known here.
// Error: invalid.
Result<Cause> read_cause(const nlohmann::json& event);

}  // namespace spyre::results
