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
#include "agent/report/outcome_bar.hpp"

namespace spyre::report {
namespace {

using results::BatchRecord;
using results::CaseResult;
using results::CordonRecord;
using results::Outcome;
using results::RunRecord;

// Coordinates of the picture; it is scaled to the width of the page.
constexpr double width = 1000, label_width = 70, axis_height = 22;
constexpr double tallest_row = 24, lowest_row = 1, rows_height = 1200, label_height = 15;
constexpr std::size_t most_described = 3000;  // blocks with a text: more are too slow in a browser

double end_of(const BatchRecord& batch, double run_end) {
  // A batch without an end ended with the run.
  return batch.ended_s > batch.started_s ? batch.ended_s : std::max(run_end, batch.started_s);
}

bool was_started(const BatchRecord& batch) {
  return batch.started && !batch.cards.empty() && std::isfinite(batch.started_s) && std::isfinite(batch.ended_s);
}

double end_of(const RunRecord& record) {
  double end = std::isfinite(record.wall_s) ? record.wall_s : 0;
  for (const BatchRecord& batch : record.batches) {
    if (was_started(batch)) end = std::max({end, batch.started_s, batch.ended_s});
  }
  return end > 0 ? end : 1;
}

// The cases of each batch, by outcome.
std::unordered_map<std::string, OutcomeCounts> count_by_batch(const RunRecord& record) {
  std::unordered_map<std::string, OutcomeCounts> counts;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty()) ++counts[each.batch][static_cast<std::size_t>(each.outcome())];
  }
  return counts;
}

// Return the outcome for the block's colour: the worst one.
Outcome worst(const OutcomeCounts& counts) {
  constexpr std::array by_weight{Outcome::crashed, Outcome::timed_out, Outcome::error, Outcome::failed,
                                 Outcome::not_run};
  for (const Outcome outcome : by_weight) {
    if (counts[static_cast<std::size_t>(outcome)] > 0) return outcome;
  }
  return Outcome::passed;
}

std::string described(const BatchRecord& batch, const OutcomeCounts& counts, double end) {
  std::string text = fmt::format("{} ({}): {} to {}", batch.file, batch.id, format_duration(Seconds{batch.started_s}),
                                 format_duration(Seconds{end}));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) text += fmt::format(", {} {}", counts[i], results::outcome_names[i]);
  }
  return text;
}

// Return a round distance between marks on the axis, for about eight of them.
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
      : m_record(record),
        m_end(end_of(record)),
        m_scale((width - label_width) / m_end),
        m_counts(count_by_batch(record)) {
    for (const BatchRecord& batch : record.batches) {
      if (!was_started(batch)) continue;
      for (const int card : batch.cards) m_rows[card];
    }
    for (const CordonRecord& each : record.cordons) m_rows[each.card];
    m_row = std::clamp(rows_height / static_cast<double>(m_rows.size()), lowest_row, tallest_row);
    m_block = m_row * 0.75;
    double y = 0;
    for (auto& [card, top] : m_rows) top = std::exchange(y, y + m_row);
  }

  std::string svg() {
    if (std::ranges::none_of(m_record.batches, was_started)) return {};
    const double height = static_cast<double>(m_rows.size()) * m_row + axis_height;
    add(fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" width=\"100%\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">"
        "<title>Timeline of the cards</title><defs><pattern id=\"cordoned\" width=\"6\" height=\"6\""
        " patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<rect width=\"3\" height=\"6\" fill=\"#d97706\"/></pattern></defs>",
        width, height));
    axis(height);
    rows();
    for (const BatchRecord& batch : m_record.batches) {
      if (was_started(batch)) blocks(batch);
    }
    for (const auto& [colour, shapes] : m_shapes) add(fmt::format("<path fill=\"{}\" d=\"{}\"/>", colour, shapes));
    if (!m_imports.empty()) {
      add(fmt::format("<path fill=\"#000000\" fill-opacity=\"0.35\" pointer-events=\"none\" d=\"{}\"/>", m_imports));
    }
    for (const CordonRecord& each : m_record.cordons) cordon(each);
    add("</svg>");
    return std::move(m_out);
  }

 private:
  void add(const std::string& markup) { m_out += markup; }
  double x(double seconds) const { return label_width + std::clamp(seconds, 0.0, m_end) * m_scale; }
  double top_of(int card) const { return m_rows.at(card) + (m_row - m_block) / 2; }
  std::string shape(double from, double to, double y) const {
    return fmt::format("M{:.1f} {:.1f}h{:.1f}v{:.1f}H{:.1f}z", from, y, to - from, m_block, from);
  }

  void axis(double height) {
    const double step = axis_step(m_end);
    for (int i = 0; i * step <= m_end; ++i) {
      const double at = x(i * step);
      add(fmt::format(
          "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.0f}\" stroke=\"#808080\" stroke-opacity=\"0.35\"/>"
          "<text x=\"{0:.1f}\" y=\"{2:.0f}\" fill=\"currentColor\"{3}>{4}</text>",
          at, height - axis_height + 4, height - 6, at > width - 60 ? " text-anchor=\"end\"" : "",
          i == 0 ? "0" : format_duration(Seconds{i * step})));
    }
  }

  // The background, visible where a card was idle.
  void rows() {
    std::string idle;
    double free_from = 0;
    for (const auto& [card, top] : m_rows) {
      idle += shape(label_width, width, top_of(card));
      if (top < free_from) continue;
      free_from = top + label_height;
      add(fmt::format("<text x=\"0\" y=\"{:.0f}\" fill=\"currentColor\">card {}</text>",
                      top + std::max(m_row / 2 + 4, 10.0), card));
    }
    add(fmt::format("<path fill=\"#808080\" fill-opacity=\"0.12\" d=\"{}\"/>", idle));
  }

  void blocks(const BatchRecord& batch) {
    const double end = end_of(batch, m_end), from = x(batch.started_s), to = std::max(x(end) - 0.4, from + 0.6);
    const auto found = m_counts.find(batch.id);
    const OutcomeCounts counts = found == m_counts.end() ? OutcomeCounts{} : found->second;
    const Outcome outcome = worst(counts);
    const bool wanted = outcome != Outcome::passed || m_record.batches.size() <= most_described;
    const std::string text = wanted && m_described < most_described ? described(batch, counts, end) : std::string{};
    // Import and collection are darker.
    const double import_end = x(std::min(end, batch.started_s + std::max(batch.import_s, 0.0)));
    for (const int card : batch.cards) {
      const double y = top_of(card);
      if (text.empty()) {
        m_shapes[colour_of(outcome)] += shape(from, to, y);
      } else {
        ++m_described;
        add(fmt::format("<path d=\"{}\" fill=\"{}\"><title>{}</title></path>", shape(from, to, y), colour_of(outcome),
                        escaped(text)));
      }
      if (import_end - from >= 1) m_imports += shape(from, import_end, y);
    }
  }

  void cordon(const CordonRecord& each) {
    if (!std::isfinite(each.from_s) || !std::isfinite(each.length_s)) return;
    add(fmt::format(
        "<path d=\"{}\" fill=\"url(#cordoned)\"><title>card {}: cordoned from {} for {}</title></path>",
        shape(x(each.from_s), std::max(x(each.from_s + each.length_s), x(each.from_s) + 2), top_of(each.card)),
        each.card, format_duration(Seconds{each.from_s}), format_duration(Seconds{each.length_s})));
  }

  const RunRecord& m_record;
  double m_end, m_scale;
  std::unordered_map<std::string, OutcomeCounts> m_counts;
  std::map<int, double> m_rows;  // card → top of its row
  double m_row = tallest_row, m_block = 0;
  std::size_t m_described = 0;
  std::map<std::string_view, std::string> m_shapes;  // colour → blocks without a text
  std::string m_imports;
  std::string m_out;
};

}  // namespace

std::string timeline(const RunRecord& record) {
  return Picture(record).svg();
}

std::vector<CardUse> card_use(const RunRecord& record) {
  std::map<int, CardUse> uses;
  const double run_end = end_of(record);
  for (const BatchRecord& batch : record.batches) {
    if (!was_started(batch)) continue;
    const double end = end_of(batch, run_end);
    for (const int card : batch.cards) {
      CardUse& use = uses[card];
      use.card = card;
      ++use.batches;
      use.busy_s += end - batch.started_s;
      use.ended_s = std::max(use.ended_s, end);
    }
  }
  std::vector<CardUse> out;
  for (const auto& [card, use] : uses) out.push_back(use);
  return out;
}

}  // namespace spyre::report
