// SPDX-License-Identifier: Apache-2.0
// What people see while a run goes on: on a terminal one live line beneath what is worth keeping, elsewhere (CI, a
// file) a plain line every half minute and one for each failure.
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

// The state of a run in one line, as wide as it likes or at most `width` columns: what matters least goes first.
std::string progress_line(const Progress& progress, bool unicode);
std::string progress_line(const Progress& progress, bool unicode, std::size_t width);

// For one thread. Output that cannot be written is no error: the run matters more.
class LinePrinter {
 public:
  using Sink = std::function<void(std::string_view)>;

  LinePrinter(Style style, const Clock& clock, Sink sink)
      : m_style(std::move(style)), m_clock(clock), m_sink(std::move(sink)) {}
  LinePrinter(const LinePrinter&) = delete;
  LinePrinter& operator=(const LinePrinter&) = delete;
  // Takes the live line away.
  ~LinePrinter();

  // Call it as often as you like: it draws at most ten times a second, or writes twice a minute.
  void update(const Progress& progress);
  // A case that did not go well; flaky ones that pass later too. `message` may be anything a test says.
  void failure(std::string_view id, results::Outcome outcome, std::string_view message);
  // Anything else to keep: a warning, a card that is lost.
  void note(std::string_view text, Colour colour = Colour::yellow);
  // The last word on the progress, which stays.
  void finish(const Progress& progress);

 private:
  void keep(const std::string& line);
  void draw();
  void erase();

  Style m_style;
  const Clock& m_clock;
  Sink m_sink;
  std::optional<Progress> m_progress;    // the latest
  std::optional<SteadyTime> m_shown_at;  // when progress was shown last
  bool m_drawn = false;                  // a live line is on the screen
};

// Writes to a file descriptor, or gives up without a word. Never waits for a reader: what it does not take now is tried
// again with the next text; when more than a mebibyte has come together, texts are left out.
LinePrinter::Sink write_to(int fd);

}  // namespace spyre::report
