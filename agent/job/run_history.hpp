// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/history/store.hpp"

namespace spyre::job {

// The history of one job. It improves plans and reports and stores the result, but must not delay a run. It is opened
// on first use, and stays open until the tests start.
class RunHistory {
 public:
  // The configuration must outlive this object.
  explicit RunHistory(const Config& config) : m_config(config) {}

  // Return the configured history. Waits at most 15 s for locks of other processes. A failed attempt to open it is not
  // repeated: later calls return the same error at once. Valid until release(). Error: as Store::open.
  Result<history::Store*> store();

  // Return the durations of earlier runs on cards of this kind. Valid until release() or a call for another kind.
  // Error: those of opening and reading the history.
  Result<const history::KnownDurations*> durations(const std::string& card_kind);

  // Close the history until the next use: tests run for hours and in thousands of agents at once, and each open
  // connection uses a connection of the server.
  void release();

  // Warn about the consequence of a missing history: "planning without history". The reason why it cannot be opened is
  // logged once.
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
