// SPDX-License-Identifier: Apache-2.0
#include "agent/job/run_history.hpp"

#include <utility>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/job/directories.hpp"

namespace spyre::job {
namespace {

constexpr Seconds patience{15};

}  // namespace

Result<history::Store*> RunHistory::store() {
  if (m_failure) return tl::make_unexpected(*m_failure);
  if (!m_store) {
    TRY(const std::string url, history_url(m_config));
    auto opened = history::Store::open(url, patience);
    if (!opened) {
      m_failure = opened.error();
      return tl::make_unexpected(*m_failure);
    }
    m_store = std::move(*opened);
  }
  return &*m_store;
}

Result<const history::KnownDurations*> RunHistory::durations(const std::string& card_kind) {
  if (!m_durations || m_durations->card_kind != card_kind) {
    TRY(const history::Store* opened, store());
    TRY(history::KnownDurations known, opened->durations(card_kind));
    m_durations = Durations{card_kind, std::move(known)};
  }
  return &m_durations->known;
}

void RunHistory::release() {
  m_durations.reset();
  m_store.reset();
}

void RunHistory::warn_without(std::string_view what, const Error& error) {
  if (!m_failure) return log::warning(fmt::format("{}: {}", what, error.message));
  if (std::exchange(m_is_said, true)) return;
  log::warning(fmt::format("this run does not use the history for its plan, report and result: {}", error.message));
}

}  // namespace spyre::job
