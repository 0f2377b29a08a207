// SPDX-License-Identifier: Apache-2.0
// The progress display of a run: on a terminal one live line below the permanent lines, elsewhere (CI, a file) a plain
// line every half minute and one for each failure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/report/progress.hpp"
#include "agent/report/terminal.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::report {

// Format the progress in one line of any length, or of at most `width` columns: the least important parts are dropped
// first.
std::string progress_line(const Progress& progress, bool unicode);
std::string progress_line(const Progress& progress, bool unicode, std::size_t width);

// Must be used by one thread. Write errors are ignored: they must not stop the run.
class LinePrinter {
 public:
  using Sink = std::function<void(std::string_view)>;

  LinePrinter(Style style, const Clock& clock, Sink sink)
      : m_style(std::move(style)), m_clock(clock), m_sink(std::move(sink)) {}
  LinePrinter(const LinePrinter&) = delete;
  LinePrinter& operator=(const LinePrinter&) = delete;
  // Remove the live line.
  ~LinePrinter();

  // Show the progress. It may be called at any rate: it draws at most ten times a second, or writes twice a minute.
  void update(const Progress& progress);
  // Print a failed case, even if it is flaky and passes later. `message` may be any text of a test.
  void failure(std::string_view id, results::Outcome outcome, std::string_view message);
  // Print another permanent line: a warning, a lost card.
  void note(std::string_view text, Colour colour = Colour::yellow);
  // Print the final progress permanently.
  void finish(const Progress& progress);

 private:
  void keep(const std::string& line);
  void draw();
  void erase();

  Style m_style;
  const Clock& m_clock;
  Sink m_sink;
  std::optional<Progress> m_progress;    // the latest
  std::optional<SteadyTime> m_shown_at;  // when progress was last shown
  bool m_drawn = false;                  // the live line is on the screen
};

// Return a sink that writes to a file descriptor and ignores errors. It never waits for a reader: the rest of a text is
// written together with the next text. Texts are dropped while more than one MiB is buffered.
LinePrinter::Sink write_to(int fd);

}  // namespace spyre::report
