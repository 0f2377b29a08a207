// SPDX-License-Identifier: Apache-2.0
// The live display on standard error during a run.
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "agent/cards/card.hpp"
#include "agent/execute/observer.hpp"
#include "agent/plan/plan.hpp"
#include "agent/report/line_printer.hpp"

namespace spyre::cli {

class LiveProgress final : public execute::Observer {
 public:
  LiveProgress(const plan::Plan& plan, const Clock& clock, report::Style style);

  void batch_started(const std::string& batch, const std::string& file, int card,
                     const execute::Progress& progress) override;
  void case_finished(const std::string& id, const results::Attempt& attempt,
                     const execute::Progress& progress) override;
  void batch_finished(const std::string& batch, const execute::Progress& progress) override;
  void warning(const std::string& message) override;
  void infra(const std::string& message) override;
  void tick(const execute::Progress& progress) override;
  void run_finished(const execute::Progress& progress) override;

 private:
  report::Progress shown(const execute::Progress& progress) const;

  std::map<std::string, double> m_estimates;  // batch → share of the planned work
  std::unordered_set<std::string> m_failing;  // cases whose last attempt was a failure
  Seconds m_planned;
  double m_share = 0;
  std::size_t m_running = 0;
  report::LinePrinter m_printer;
};

}  // namespace spyre::cli
