// SPDX-License-Identifier: Apache-2.0
#include "agent/report/timeline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/report/html_writer.hpp"

namespace spyre::report {
namespace {

using results::BatchRecord;
using results::CaseResult;
using results::Outcome;
using results::RunRecord;

// Coordinates of the picture; it is scaled to the width of the page.
constexpr double width = 1000, label_width = 70, row_height = 24, block_height = 18, axis_height = 22;

double end_of(const BatchRecord& batch, double run_end) {
  // A batch that never ended was cut off with the run.
  return batch.ended_s > batch.started_s ? batch.ended_s : std::max(run_end, batch.started_s);
}

bool was_started(const BatchRecord& batch) {
  return batch.started && batch.card >= 0 && std::isfinite(batch.started_s) && std::isfinite(batch.ended_s);
}

double end_of(const RunRecord& record) {
  double end = std::isfinite(record.wall_s) ? record.wall_s : 0;
  for (const BatchRecord& batch : record.batches) {
    if (was_started(batch)) end = std::max({end, batch.started_s, batch.ended_s});
  }
  return end > 0 ? end : 1;
}

// The cases of each batch, by outcome.
using Counts = std::array<std::size_t, results::outcome_count>;
std::unordered_map<std::string, Counts> count_by_batch(const RunRecord& record) {
  std::unordered_map<std::string, Counts> counts;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty()) ++counts[each.batch][static_cast<std::size_t>(each.outcome())];
  }
  return counts;
}

// The outcome that the block's colour tells: the worst one.
Outcome worst(const Counts& counts) {
  constexpr std::array by_weight{Outcome::crashed, Outcome::timed_out, Outcome::error, Outcome::failed,
                                 Outcome::not_run};
  for (const Outcome outcome : by_weight) {
    if (counts[static_cast<std::size_t>(outcome)] > 0) return outcome;
  }
  return Outcome::passed;
}

std::string described(const BatchRecord& batch, const Counts& counts, double end) {
  std::string text = fmt::format("{} ({}): {} to {}", batch.file, batch.id, format_duration(Seconds{batch.started_s}),
                                 format_duration(Seconds{end}));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) text += fmt::format(", {} {}", counts[i], results::outcome_names[i]);
  }
  return text;
}

// A round distance between marks on the axis: about eight of them.
double axis_step(double seconds) {
  constexpr std::array steps{0.1,   0.2,   0.5,   1.0,   2.0,    5.0,    10.0,   15.0,    30.0,   60.0,
                             120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0};
  for (const double step : steps) {
    if (seconds / step <= 9) return step;
  }
  return std::ceil(seconds / 8 / 86400) * 86400;
}

class Picture {
 public:
  explicit Picture(const RunRecord& record)
      : m_end(end_of(record)), m_scale((width - label_width) / m_end), m_counts(count_by_batch(record)) {
    for (const BatchRecord& batch : record.batches) {
      if (was_started(batch)) m_cards[batch.card].push_back(&batch);
    }
  }

  std::string svg() {
    if (m_cards.empty()) return {};
    const double height = static_cast<double>(m_cards.size()) * row_height + axis_height;
    add(fmt::format(
        "<svg viewBox=\"0 0 {} {}\" width=\"100%\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">"
        "<title>Timeline of the cards</title>",
        width, height));
    axis(height);
    double y = 0;
    for (const auto& [card, batches] : m_cards) {
      row(card, batches, y);
      y += row_height;
    }
    add("</svg>");
    return std::move(m_out);
  }

 private:
  void add(const std::string& markup) { m_out += markup; }
  double x(double seconds) const { return label_width + std::clamp(seconds, 0.0, m_end) * m_scale; }

  void axis(double height) {
    const double step = axis_step(m_end);
    for (int i = 0; i * step <= m_end; ++i) {
      const double at = x(i * step);
      add(fmt::format(
          "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\" stroke=\"#808080\" stroke-opacity=\"0.35\"/>"
          "<text x=\"{0:.1f}\" y=\"{2}\" fill=\"currentColor\"{3}>{4}</text>",
          at, height - axis_height + 4, height - 6, at > width - 60 ? " text-anchor=\"end\"" : "",
          i == 0 ? "0" : format_duration(Seconds{i * step})));
    }
  }

  void row(int card, const std::vector<const BatchRecord*>& batches, double y) {
    add(
        fmt::format("<text x=\"0\" y=\"{:.0f}\" fill=\"currentColor\">card {}</text>"
                    "<rect x=\"{}\" y=\"{:.0f}\" width=\"{}\" height=\"{}\" fill=\"#808080\" fill-opacity=\"0.12\"/>",
                    y + 16, card, label_width, y + 3, width - label_width, block_height));
    for (const BatchRecord* batch : batches) block(*batch, y + 3);
  }

  void block(const BatchRecord& batch, double y) {
    const double end = end_of(batch, m_end), from = x(batch.started_s), to = x(end);
    const auto found = m_counts.find(batch.id);
    const Counts counts = found == m_counts.end() ? Counts{} : found->second;
    add(fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{}\" fill=\"{}\"><title>{}</title></rect>", from, y,
        std::max(to - from - 0.4, 0.6), block_height, colour_of(worst(counts)),
        escaped(described(batch, counts, end))));
    // The part that was import and collection is darker.
    const double import_end = x(std::min(end, batch.started_s + std::max(batch.import_s, 0.0)));
    if (import_end - from >= 1) {
      add(
          fmt::format("<rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{}\" fill=\"#000000\""
                      " fill-opacity=\"0.35\" pointer-events=\"none\"/>",
                      from, y, import_end - from, block_height));
    }
  }

  double m_end, m_scale;
  std::unordered_map<std::string, Counts> m_counts;
  std::map<int, std::vector<const BatchRecord*>> m_cards;
  std::string m_out;
};

}  // namespace

std::string_view colour_of(Outcome outcome) {
  // Told apart by people who see red and green alike: lightness differs as well.
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
  Counts counts{};
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty()) ++counts[static_cast<std::size_t>(each.outcome())];
  }
  const double all = static_cast<double>(record.cases.size());
  if (all == 0) return {};
  std::string blocks;
  double x = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    // One failure among 100,000 cases has to be seen.
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

std::string timeline(const RunRecord& record) {
  return Picture(record).svg();
}

std::vector<CardUse> card_use(const RunRecord& record) {
  std::map<int, CardUse> uses;
  const double run_end = end_of(record);
  for (const BatchRecord& batch : record.batches) {
    if (!was_started(batch)) continue;
    CardUse& use = uses[batch.card];
    const double end = end_of(batch, run_end);
    use.card = batch.card;
    ++use.batches;
    use.busy_s += end - batch.started_s;
    use.ended_s = std::max(use.ended_s, end);
  }
  std::vector<CardUse> out;
  for (const auto& [card, use] : uses) out.push_back(use);
  return out;
}

}  // namespace spyre::report
