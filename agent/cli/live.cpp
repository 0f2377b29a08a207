// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/live.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace spyre::cli {

LiveProgress::LiveProgress(const plan::Plan& plan, const Clock& clock, report::Style style)
    : m_planned(plan.makespan_s), m_printer(std::move(style), clock, report::write_to(STDERR_FILENO)) {
  double work = 0;
  for (const plan::Batch& batch : plan.batches) work += batch.estimate_s;
  for (const plan::Batch& batch : plan.batches) m_estimates[batch.id] = work > 0 ? batch.estimate_s / work : 0;
}

void LiveProgress::batch_started(const std::string&, const std::string&, int, const execute::Progress& progress) {
  ++m_running;
  m_printer.update(shown(progress));
}

void LiveProgress::case_finished(const std::string& id, const results::Attempt& attempt,
                                 const execute::Progress& progress) {
  // Print another attempt only when its outcome differs.
  if (results::is_failure(attempt.outcome)) {
    if (m_failing.insert(id).second) m_printer.failure(id, attempt.outcome, results::reason(attempt));
  } else if (m_failing.erase(id) > 0) {
    m_printer.note(fmt::format("    flaky  {}  {} at another attempt", id, results::name(attempt.outcome)));
  }
  m_printer.update(shown(progress));
}

void LiveProgress::batch_finished(const std::string& batch, const execute::Progress& progress) {
  if (m_running > 0) --m_running;
  m_share += m_estimates[batch];
  m_printer.update(shown(progress));
}

void LiveProgress::warning(const std::string& message) {
  m_printer.note("warning: " + message);
}

void LiveProgress::infra(const std::string& message) {
  m_printer.note(message, report::Colour::red);
}

void LiveProgress::tick(const execute::Progress& progress) {
  m_printer.update(shown(progress));
}

void LiveProgress::run_finished(const execute::Progress& progress) {
  // For a resumed run, the work of the earlier agent is not in the share.
  const bool is_whole = progress.outcomes[static_cast<std::size_t>(results::Outcome::not_run)] == 0;
  if (is_whole && progress.cases_finished == progress.cases) m_share = 1;
  m_printer.finish(shown(progress));
}

report::Progress LiveProgress::shown(const execute::Progress& progress) const {
  report::Progress shown;
  shown.done = progress.cases_finished;
  shown.total = progress.cases;
  shown.share = m_share;
  shown.outcomes = progress.outcomes;
  shown.running = m_running;
  shown.elapsed = progress.elapsed;
  shown.left =
      std::max(report::time_left(m_planned, m_share, progress.elapsed),
               report::time_for(progress.cases - progress.cases_finished, progress.cases_finished, progress.elapsed));
  return shown;
}

}  // namespace spyre::cli
