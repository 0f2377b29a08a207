// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/history/store.hpp"

namespace spyre::job {

// The history beside one job: it makes plans and reports better and gets the result, but must not hold a run up.
// It is opened when it is first needed, and stays open until the tests start.
class RunHistory {
 public:
  // The configuration outlives it.
  explicit RunHistory(const Config& config) : m_config(config) {}

  // Returns the configured history. Waits 15 s at most for others that hold it. What could not be opened once is not
  // tried again: the same error comes at once. Valid until release(). Error: as Store::open.
  Result<history::Store*> store();

  // Returns what earlier runs took on cards of this kind. Valid until release() or a call for another kind.
  // Error: those of opening and reading the history.
  Result<const history::KnownDurations*> durations(const std::string& card_kind);

  // Closes the history until it is needed again: tests run for hours and in thousands of agents at once, and each
  // connection counts at the server.
  void release();

  // Warns that `what` is missing: "planning without history". Says once of a history that it cannot be opened.
  void warn_without(std::string_view what, const Error& error);

 private:
  struct Durations {
    std::string card_kind;
    history::KnownDurations known;
  };

  const Config& m_config;
  std::optional<history::Store> m_store;
  std::optional<Durations> m_durations;
  std::optional<Error> m_failure;
  bool m_is_said = false;
};

}  // namespace spyre::job
