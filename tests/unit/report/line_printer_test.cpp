// SPDX-License-Identifier: Apache-2.0
#include "agent/report/line_printer.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::report;
using results::Outcome;

namespace {

Progress progress(std::size_t done, std::size_t failed = 0) {
  Progress out;
  out.done = done;
  out.total = 200;
  out.share = static_cast<double>(done) / 200;
  out.outcomes[static_cast<std::size_t>(Outcome::passed)] = done - failed;
  out.outcomes[static_cast<std::size_t>(Outcome::failed)] = failed;
  out.running = 2;
  out.elapsed = Seconds{63};
  out.left = Seconds{130};
  return out;
}

struct Screen {
  ManualClock clock;
  std::string text;
  LinePrinter::Sink sink() {
    return [this](std::string_view part) { text += part; };
  }
  std::string take() { return std::exchange(text, {}); }
};

Style live(bool colour = false) {
  Style style;
  style.live = true;
  style.colour = colour;
  return style;
}

}  // namespace

TEST_CASE("the progress in one line") {
  CHECK(progress_line(progress(66, 1), true) ==
        "33 %  66/200 cases  1 failed  2 running  1 min 03 s  about 2 min 10 s left");
  Progress all = progress(66, 1);
  all.outcomes[static_cast<std::size_t>(Outcome::crashed)] = 2;
  all.outcomes[static_cast<std::size_t>(Outcome::timed_out)] = 3;
  all.outcomes[static_cast<std::size_t>(Outcome::error)] = 4;
  all.outcomes[static_cast<std::size_t>(Outcome::not_run)] = 5;
  all.left.reset();
  CHECK(progress_line(all, true) ==
        "33 %  66/200 cases  1 failed, 4 error, 2 crashed, 3 timed out  5 not run  2 running  1 min 03 s");
}

TEST_CASE("a narrow line drops the least important parts") {
  const Progress some = progress(66, 1);
  CHECK(progress_line(some, false, 120) ==
        "[######--------------]   33 %  66/200 cases  1 failed  2 running  1 min 03 s  about 2 min 10 s left");
  CHECK(progress_line(some, true, 80) == " 33 %  66/200 cases  1 failed  2 running  1 min 03 s  about 2 min 10 s left");
  CHECK(progress_line(some, true, 55) == " 33 %  66/200 cases  1 failed  about 2 min 10 s left");
  CHECK(progress_line(some, true, 20) == " 33 %  1 failed");
  CHECK(progress_line(some, true, 5) == "1 fa…");
  for (std::size_t width = 0; width < 130; ++width) CHECK(display_width(progress_line(some, true, width)) <= width);
}

TEST_CASE("rounding does not show the end too early") {
  Progress all = progress(200);
  all.share = 0;
  for (int batch = 0; batch < 10; ++batch) all.share += 0.1;
  REQUIRE(all.share < 1);
  CHECK(progress_line(all, true).substr(0, 5) == "100 %");
  Progress nearly = progress(199);
  nearly.share = 1.5;
  CHECK(progress_line(nearly, true).substr(0, 4) == "99 %");
  CHECK(progress_line(progress(200), true).substr(0, 5) == "100 %");
  Progress summed = progress(24);
  summed.total = 24;
  summed.share = 0;
  for (int i = 0; i < 10; ++i) summed.share += 0.1;  // less than 1
  CHECK(progress_line(summed, true).substr(0, 5) == "100 %");
  CHECK(progress_line(Progress{}, true) == "0 %  0/0 cases  no failures  0 running  0 ms");
}

TEST_CASE("on a terminal one line is redrawn, at most ten times a second") {
  Screen screen;
  {
    LinePrinter printer(live(), screen.clock, screen.sink());
    printer.update(progress(1));
    CHECK(screen.take() == "\r  0 %  1/200 cases  no failures  2 running  1 min 03 s  about 2 min 10 s left\x1b[K");
    printer.update(progress(2));
    CHECK(screen.take().empty());
    screen.clock.advance(Seconds{0.11});
    printer.update(progress(3));
    CHECK(screen.take() == "\r  1 %  3/200 cases  no failures  2 running  1 min 03 s  about 2 min 10 s left\x1b[K");
    printer.failure("test/test_a.py::T::test_x", Outcome::failed, "AssertionError: 1 != 2");
    CHECK(screen.take() ==
          "\r\x1b[K"
          "   failed  test/test_a.py::T::test_x  AssertionError: 1 != 2\n"
          "\r  1 %  3/200 cases  no failures  2 running  1 min 03 s  about 2 min 10 s left\x1b[K");
    printer.finish(progress(200, 1));
    CHECK(screen.take() == "\r\x1b[K100 %  200/200 cases  1 failed  2 running  1 min 03 s\n");
  }
  CHECK(screen.take().empty());
}

TEST_CASE("the live line is removed with the printer") {
  Screen screen;
  { LinePrinter(live(), screen.clock, screen.sink()).update(progress(1)); }
  CHECK(screen.take().substr(screen.text.size()).ends_with("\x1b[K\r\x1b[K"));
}

TEST_CASE("the width of the terminal is queried for each line") {
  Screen screen;
  int width = 21;
  Style style = live();
  style.width = [&] { return width; };
  LinePrinter printer(style, screen.clock, screen.sink());
  printer.update(progress(66, 1));
  CHECK(screen.take() == "\r 33 %  1 failed\x1b[K");
  width = 0;
  screen.clock.advance(Seconds{1});
  printer.update(progress(66, 1));
  CHECK(screen.take() == "\r\x1b[K");
}

TEST_CASE("elsewhere a line is written every half minute, and one for each failure") {
  Screen screen;
  LinePrinter printer(Style{}, screen.clock, screen.sink());
  printer.update(progress(0));
  for (int i = 0; i < 29; ++i) {
    screen.clock.advance(Seconds{1});
    printer.update(progress(50));
  }
  CHECK(screen.take().empty());
  printer.failure("test/test_a.py::T::test_x", Outcome::timed_out, "");
  CHECK(screen.take() == "timed_out  test/test_a.py::T::test_x\n");
  screen.clock.advance(Seconds{1.5});
  printer.update(progress(66, 1));
  CHECK(screen.take() == "33 %  66/200 cases  1 failed  2 running  1 min 03 s  about 2 min 10 s left\n");
  printer.note("card 1 is lost");
  CHECK(screen.take() == "card 1 is lost\n");
  printer.finish(progress(200, 1));
  CHECK(screen.take() == "100 %  200/200 cases  1 failed  2 running  1 min 03 s\n");
}

TEST_CASE("colours distinguish good from bad") {
  Screen screen;
  LinePrinter printer(live(true), screen.clock, screen.sink());
  printer.update(progress(1));
  CHECK(screen.take().starts_with("\r\x1b[32m"));
  screen.clock.advance(Seconds{1});
  printer.update(progress(1, 1));
  CHECK(screen.take().starts_with("\r\x1b[31m"));
  printer.failure("test_x", Outcome::crashed, "SIGSEGV");
  CHECK(screen.take().find("\x1b[31m  crashed\x1b[0m  test_x  \x1b[90mSIGSEGV\x1b[0m\n") != std::string::npos);
}

TEST_CASE("test output is shown on one line and made safe") {
  Screen screen;
  LinePrinter printer(Style{}, screen.clock, screen.sink());
  printer.failure("test[\x1b[2J]", Outcome::failed, "line\nof \xff " + std::string(1000, 'x'));
  const std::string line = screen.take();
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(line.size() < 400);
}

TEST_CASE("the time for known cases follows the pace of finished ones") {
  CHECK(time_for(300, 100, Seconds{20}).count() == Approx(60));
  CHECK(time_for(0, 100, Seconds{20}).count() == Approx(0));
  CHECK(time_for(300, 0, Seconds{20}).count() == Approx(0));
}

TEST_CASE("the remaining time starts from the plan, and moves to the observed pace") {
  const Seconds plan{600};
  CHECK(time_left(plan, 0, Seconds{0}).count() == Approx(600));
  CHECK(time_left(plan, 0.5, Seconds{300}).count() == Approx(300));
  CHECK(time_left(plan, 1, Seconds{900}).count() == Approx(0));
  // Half of the work took twice as long: the rest takes nearly twice as long, too.
  CHECK(time_left(plan, 0.5, Seconds{600}).count() == Approx(550));
  CHECK(time_left(plan, 2, Seconds{900}).count() == Approx(0));
  CHECK(time_left(Seconds{0}, 0.5, Seconds{100}).count() == Approx(83.33).epsilon(0.01));
}
