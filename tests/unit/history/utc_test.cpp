// SPDX-License-Identifier: Apache-2.0
#include "agent/history/utc.hpp"

#include "tests/support/catch.hpp"

using spyre::history::format_utc_ms;
using spyre::history::parse_utc;

TEST_CASE("a time is read back as it was written") {
  CHECK(parse_utc("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_utc("2026-11-22T03:35:00.123Z") == 1'795'318'500'123);
  CHECK(format_utc_ms(1'795'318'500'123) == "2026-11-22T03:35:00.123Z");
  CHECK(parse_utc("2026-11-22T03:35:00.123456Z") == 1'795'318'500'123);
  CHECK(parse_utc("2026-11-22T03:35:00.1Z") == 1'795'318'500'100);
  CHECK(parse_utc("2024-02-29T00:00:00") == 1'709'164'800'000);
}

TEST_CASE("what is no time is none") {
  for (const char* text : {"", "yesterday", "2026-11-22", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
                           "2026-11-22T24:00:00Z", "2026-11-22T03:35:00.Z", "2026-11-22T03:35:00+01:00",
                           "2026-11-22T03:35:00Zx", "-026-11-22T03:35:00Z", "2026-11-22T03:35:0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_utc(text));
  }
}
