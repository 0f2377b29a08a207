// SPDX-License-Identifier: Apache-2.0
#include "agent/report/outcome_bar.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spyre::report {

using results::CaseResult;
using results::Outcome;
using results::RunRecord;

namespace {
constexpr double width = 1000;  // of the picture, which is scaled to the page
}

std::string_view colour_of(Outcome outcome) {
  // Distinguishable for colour-blind readers: the lightness differs, too.
  switch (outcome) {
    case Outcome::passed:
      return "#2f9e58";
    case Outcome::failed:
      return "#d43a3a";
    case Outcome::error:
      return "#b0305c";
    case Outcome::crashed:
      return "#8b1fa8";
    case Outcome::timed_out:
      return "#d97706";
    case Outcome::not_run:
      return "#7a7f87";
    case Outcome::skipped:
      return "#a9b4c2";
    case Outcome::xfailed:
      return "#7fb08f";
    case Outcome::xpassed:
      return "#4fa3b8";
  }
  return "#7a7f87";
}

std::string outcome_bar(const RunRecord& record) {
  OutcomeCounts counts{};
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty()) ++counts[static_cast<std::size_t>(each.outcome())];
  }
  const double all = static_cast<double>(record.cases.size());
  if (all == 0) return {};
  std::string blocks;
  double x = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    // One failure among 100,000 cases must be visible.
    const double share = std::max(static_cast<double>(counts[i]) / all * width, 3.0);
    blocks +=
        fmt::format("<rect x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"28\" fill=\"{}\"><title>{} {}</title></rect>",
                    x, share, colour_of(static_cast<Outcome>(i)), counts[i], results::outcome_names[i]);
    x += share;
  }
  return fmt::format(
      "<svg viewBox=\"0 0 {:.2f} 28\" width=\"100%\" height=\"28\" preserveAspectRatio=\"none\" role=\"img\">"
      "<title>Outcomes of all cases</title>{}</svg>",
      x, blocks);
}

}  // namespace spyre::report
