// SPDX-License-Identifier: Apache-2.0
#include "agent/report/line_printer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "agent/core/text.hpp"

namespace spyre::report {
namespace {

using results::Outcome;

constexpr Seconds redraw_interval{0.1};
constexpr Seconds plain_interval{30};
constexpr std::array failure_kinds{Outcome::failed, Outcome::error, Outcome::crashed, Outcome::timed_out};
constexpr std::size_t message_limit = 300;  // bytes of a failure's message

// A part of the line. Parts with the highest rank are dropped first when the line is too long.
struct Part {
  std::string text;
  int rank = 0;
};

std::string failures(const Progress& progress) {
  std::vector<std::string> parts;
  for (const Outcome kind : failure_kinds) {
    if (const std::size_t count = progress.count(kind); count > 0) {
      parts.push_back(fmt::format("{} {}", count, kind == Outcome::timed_out ? "timed out" : results::name(kind)));
    }
  }
  return parts.empty() ? "no failures" : join(parts, ", ");
}

double share_of(const Progress& progress) {
  constexpr double lost = 1e-6;  // rounding error of adding the shares of many batches
  const double share = std::isfinite(progress.share) ? std::clamp(progress.share + lost, 0.0, 1.0) : 0;
  // Rounding must not show 100 % before the end.
  return progress.total > 0 && progress.done < progress.total ? std::min(share, 0.99) : share;
}

std::string bar(double share, bool unicode) {
  constexpr int cells = 20;
  const int full = static_cast<int>(share * cells);
  std::string out = unicode ? "" : "[";
  for (int i = 0; i < cells; ++i) out += i < full ? (unicode ? "━" : "#") : (unicode ? "╌" : "-");
  return out + (unicode ? "" : "]");
}

std::vector<Part> parts_of(const Progress& progress, bool unicode) {
  const double share = share_of(progress);
  std::vector<Part> parts;
  parts.push_back({bar(share, unicode), 6});
  parts.push_back({fmt::format("{:3.0f} %", std::floor(share * 100)), 1});
  parts.push_back({fmt::format("{}/{} cases", progress.done, progress.total), 3});
  parts.push_back({failures(progress), 0});
  if (const std::size_t count = progress.count(Outcome::not_run); count > 0) {
    parts.push_back({fmt::format("{} not run", count), 2});
  }
  parts.push_back({fmt::format("{} running", progress.running), 5});
  parts.push_back({format_duration(progress.elapsed), 4});
  if (progress.left) parts.push_back({fmt::format("about {} left", format_duration(*progress.left)), 2});
  return parts;
}

std::string joined(const std::vector<Part>& parts) {
  std::string line;
  for (const Part& part : parts) line += line.empty() ? part.text : "  " + part.text;
  return line;
}

bool has_failures(const Progress& progress) {
  return std::any_of(failure_kinds.begin(), failure_kinds.end(),
                     [&](Outcome kind) { return progress.count(kind) > 0; });
}

Colour terminal_colour(Outcome outcome) {
  if (results::is_failure(outcome)) return Colour::red;
  return outcome == Outcome::not_run ? Colour::yellow : Colour::none;
}

constexpr std::size_t most_unwritten = std::size_t{1} << 20;

bool would_not_wait(int fd) {
  pollfd poll{fd, POLLOUT, 0};
  return ::poll(&poll, 1, 0) > 0;
}

}  // namespace

std::string progress_line(const Progress& progress, bool unicode) {
  std::vector<Part> parts = parts_of(progress, unicode);
  parts.erase(parts.begin());  // the bar is useful only when it moves
  parts.front().text = std::string(trim(parts.front().text));
  return joined(parts);
}

std::string progress_line(const Progress& progress, bool unicode, std::size_t width) {
  std::vector<Part> parts = parts_of(progress, unicode);
  while (parts.size() > 1 && display_width(joined(parts)) > width) {
    parts.erase(
        std::max_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.rank < b.rank; }));
  }
  return fit(joined(parts), width, unicode);
}

LinePrinter::~LinePrinter() {
  erase();
}

void LinePrinter::update(const Progress& progress) {
  m_progress = progress;
  const SteadyTime now = m_clock.steady();
  if (m_shown_at && now - *m_shown_at < (m_style.live ? redraw_interval : plain_interval)) return;
  if (m_style.live) {
    draw();
  } else if (m_shown_at) {
    m_sink(progress_line(progress, m_style.unicode) + "\n");
  }
  m_shown_at = now;
}

void LinePrinter::failure(std::string_view id, Outcome outcome, std::string_view message) {
  const std::string label =
      coloured(fmt::format("{:>9}", results::name(outcome)), terminal_colour(outcome), m_style.colour);
  std::string line = fmt::format("{}  {}", label, one_line(id));
  if (!message.empty())
    line += "  " + coloured(one_line(shorten(message, message_limit)), Colour::grey, m_style.colour);
  keep(line);
}

void LinePrinter::note(std::string_view text, Colour colour) {
  keep(coloured(one_line(text), colour, m_style.colour));
}

void LinePrinter::finish(const Progress& progress) {
  m_progress.reset();
  Progress last = progress;
  last.left.reset();
  keep(progress_line(last, m_style.unicode));
}

// Print a permanent line above the live line.
void LinePrinter::keep(const std::string& line) {
  erase();
  m_sink(line + "\n");
  if (m_style.live && m_progress) draw();
}

void LinePrinter::draw() {
  // A line as wide as the screen makes some terminals scroll.
  const auto width = static_cast<std::size_t>(std::max(m_style.width(), 2) - 1);
  const std::string line = progress_line(*m_progress, m_style.unicode, width);
  const Colour colour = has_failures(*m_progress) ? Colour::red : Colour::green;
  m_sink("\r" + coloured(line, colour, m_style.colour) + "\x1b[K");
  m_drawn = true;
}

void LinePrinter::erase() {
  if (m_drawn) m_sink("\r\x1b[K");
  m_drawn = false;
}

LinePrinter::Sink write_to(int fd) {
  return [fd, unwritten = std::string()](std::string_view text) mutable {
    if (unwritten.size() + text.size() <= most_unwritten) unwritten += text;
    while (!unwritten.empty() && would_not_wait(fd)) {
      // A writable pipe accepts at least PIPE_BUF bytes.
      const ssize_t written = ::write(fd, unwritten.data(), std::min<std::size_t>(unwritten.size(), PIPE_BUF));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return unwritten.clear();
      unwritten.erase(0, static_cast<std::size_t>(written));
    }
  };
}

}  // namespace spyre::report
