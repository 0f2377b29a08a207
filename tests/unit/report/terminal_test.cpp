// SPDX-License-Identifier: Apache-2.0
#include "agent/report/terminal.hpp"

#include <rapidcheck.h>

#include "agent/core/text.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::report;

TEST_CASE("columns are counted as in a terminal") {
  CHECK(display_width("") == 0);
  CHECK(display_width("test_sum") == 8);
  CHECK(display_width("naïve…") == 6);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("🚀") == 2);
}

TEST_CASE("text is cut to the width between characters") {
  CHECK(fit("short", 5, true) == "short");
  CHECK(fit("shorter", 5, true) == "shor…");
  CHECK(fit("shorter", 5, false) == "sh...");
  CHECK(fit("日本語", 4, true) == "日…");
  CHECK(fit("abc", 0, true).empty());
  CHECK(fit("abcd", 2, false).empty());
}

TEST_CASE("text never exceeds its width") {
  CHECK(rc::check("fit", [](const std::string& text) {
    const auto width = *rc::gen::inRange<std::size_t>(0, 30);
    const bool unicode = *rc::gen::arbitrary<bool>();
    RC_ASSERT(display_width(fit(one_line(text), width, unicode)) <= width);
  }));
}

TEST_CASE("test output cannot control the terminal") {
  CHECK(one_line("a\x1b[31mb\r\nc\td\x07") == "a?[31mb  c d?");
  CHECK(one_line("\xff") == "\xEF\xBF\xBD");
  CHECK(one_line("a\u202Eb\u0085") == "a?b?");
  CHECK(printable("a\tb\nc\x1b[0m") == "a\tb\nc?[0m");
  CHECK(rc::check("one line", [](const std::string& text) {
    for (const char c : one_line(text)) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
  }));
}

TEST_CASE("colours only when asked for") {
  CHECK(coloured("x", Colour::red, true) == "\x1b[31mx\x1b[0m");
  CHECK(coloured("x", Colour::red, false) == "x");
  CHECK(coloured("x", Colour::none, true) == "x");
}
