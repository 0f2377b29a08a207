// SPDX-License-Identifier: Apache-2.0
#include "agent/report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/report/html_writer.hpp"
#include "agent/report/outcome_bar.hpp"

namespace spyre::report {
namespace {

using history::CaseRun;
using history::TrendPoint;

constexpr std::size_t most_bars = 60;

std::string day_of(std::int64_t milliseconds) {
  return format_utc(SystemTime{std::chrono::milliseconds{milliseconds}}).substr(0, 10);
}

// A panel of the trend.
struct Panel {
  std::string title;
  std::function<double(const TrendPoint&)> value;
  std::function<std::string(double)> label;
  double least_top = 0;  // the scale goes from 0 to the largest value, or to this if that is larger
};

std::string percent(double value) {
  return fmt::format("{:.1f} %", value * 100);
}

std::vector<Panel> panels() {
  return {{"Pass rate", [](const TrendPoint& p) { return p.pass_rate(); }, percent, 1},
          {"Flaky share", [](const TrendPoint& p) { return p.flaky_share(); }, percent, 0.05},
          {"Duration", [](const TrendPoint& p) { return p.wall_s; },
           [](double value) { return format_duration(Seconds{value}); }, 1},
          {"Tests selected", [](const TrendPoint& p) { return static_cast<double>(p.tests); },
           [](double value) { return fmt::format("{:.0f}", value); }, 1}};
}

class TrendPicture {
 public:
  explicit TrendPicture(const std::vector<TrendPoint>& points) {
    for (const TrendPoint& point : points) m_stages[point.stage].push_back(&point);
    m_from = points.front().time;
    m_to = points.front().time;
    for (const TrendPoint& point : points) {
      m_from = std::min(m_from, point.time);
      m_to = std::max(m_to, point.time);
    }
  }

  std::string svg() {
    const std::vector<Panel> all = panels();
    const double height = static_cast<double>(all.size()) * panel_height + 40;
    m_out = fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="100%" role="img")"
                        R"( font-family="sans-serif" font-size="12"><title>Trend</title>)",
                        width, height);
    legend();
    for (std::size_t i = 0; i < all.size(); ++i) panel(all[i], 24 + static_cast<double>(i) * panel_height);
    text(left, height - 2, "start", day_of(m_from));
    text(width - right, height - 2, "end", day_of(m_to));
    return m_out + "</svg>";
  }

 private:
  static constexpr double width = 800, panel_height = 120, plot_height = 84, left = 90, right = 16;
  // The lightness differs, too; readable on light and on dark backgrounds.
  static constexpr std::array<std::string_view, 6> colours{"#2f7fd1", "#d97706", "#2f9e58",
                                                           "#a855c7", "#d43a3a", "#7a7f87"};

  static std::string_view colour(std::size_t stage) { return colours[stage % colours.size()]; }

  double x(std::int64_t time) const {
    if (m_to == m_from) return (left + width - right) / 2;
    return left + static_cast<double>(time - m_from) / static_cast<double>(m_to - m_from) * (width - left - right);
  }

  void text(double at_x, double at_y, std::string_view anchor, std::string_view words) {
    m_out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="currentColor">{}</text>)", at_x, at_y,
                         anchor, escaped(words));
  }

  void legend() {
    double at = left;
    std::size_t number = 0;
    for (const auto& [stage, points] : m_stages) {
      const std::string label = stage.empty() ? "no stage" : "stage " + shorten(stage, 40);
      m_out += fmt::format(R"(<rect x="{:.1f}" y="2" width="10" height="10" fill="{}"/>)", at, colour(number++));
      text(at + 14, 12, "start", label);
      at += 34 + 7 * static_cast<double>(label.size());
    }
  }

  void panel(const Panel& panel, double top) {
    double highest = panel.least_top;
    for (const auto& [stage, points] : m_stages) {
      for (const TrendPoint* point : points) highest = std::max(highest, panel.value(*point));
    }
    const double bottom = top + 16 + plot_height;
    text(0, top + 10, "start", panel.title);
    text(left - 6, top + 26, "end", panel.label(highest));
    text(left - 6, bottom, "end", panel.label(0));
    m_out += fmt::format(R"(<rect x="{}" y="{:.1f}" width="{}" height="{}" fill="#808080" fill-opacity="0.08"/>)", left,
                         top + 16, width - left - right, plot_height);
    std::size_t number = 0;
    for (const auto& [stage, points] : m_stages) {
      line(panel, points, bottom, highest, colour(number++));
    }
  }

  void line(const Panel& panel, const std::vector<const TrendPoint*>& points, double bottom, double highest,
            std::string_view stroke) {
    std::string path, dots;
    for (const TrendPoint* point : points) {
      const double value = panel.value(*point);
      const double at_x = x(point->time), at_y = bottom - value / highest * plot_height;
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", at_x, at_y);
      dots +=
          fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.5" fill="{}"><title>{}: {} ({})</title></circle>)", at_x,
                      at_y, stroke, day_of(point->time), panel.label(value), escaped(shorten(point->revision, 12)));
    }
    m_out += fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="1.5"/>{})", path, stroke, dots);
  }

  std::map<std::string, std::vector<const TrendPoint*>> m_stages;
  std::int64_t m_from = 0, m_to = 0;
  std::string m_out;
};

}  // namespace

std::string history_plot(const history::CaseHistory& history) {
  const std::size_t count = std::min(history.runs.size(), most_bars);
  if (count < 2) return {};
  double longest = 1e-9;
  for (std::size_t i = 0; i < count; ++i) longest = std::max(longest, history.runs[i].seconds);
  std::string out =
      fmt::format(R"(<svg viewBox="0 0 {0} 28" width="{0}" height="28" role="img"><title>The latest {1} runs,)"
                  " at most {2}</title>",
                  count * 8, count, format_duration(Seconds{longest}));
  for (std::size_t i = 0; i < count; ++i) {
    const CaseRun& run = history.runs[count - 1 - i];
    const double height = std::max(3.0, run.seconds / longest * 26);
    out += fmt::format(
        R"(<rect x="{}" y="{:.1f}" width="6" height="{:.1f}" fill="{}"><title>{}: {} after {}</title></rect>)", i * 8,
        28 - height, height, colour_of(run.outcome), day_of(run.started), results::name(run.outcome),
        format_duration(Seconds{run.seconds}));
  }
  return out + "</svg>";
}

std::string trend_plot(const std::vector<TrendPoint>& points) {
  return points.empty() ? std::string{} : TrendPicture(points).svg();
}

}  // namespace spyre::report
