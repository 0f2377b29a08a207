// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/terminal.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/cards/card.hpp"
#include "agent/cli/live.hpp"
#include "agent/report/summary.hpp"

namespace spyre::cli {

std::unique_ptr<execute::Observer> Terminal::follow(const plan::Plan& plan, const Clock& clock) {
  return std::make_unique<LiveProgress>(plan, clock,
                                        report::style_of(STDERR_FILENO, cards::Machine::here().environment));
}

void Terminal::finished(const job::JobResult& result) {
  report::SummaryOptions options;
  options.style = report::style_of(STDOUT_FILENO, cards::Machine::here().environment);
  options.rerun = result.rerun;
  options.comparison = result.comparison;
  for (const std::string& file : result.documents) options.files.push_back((result.run_dir / file).string());
  m_session.print(results::summary(result.record), report::format_summary(result.record, options));
}

}  // namespace spyre::cli
