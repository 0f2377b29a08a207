// SPDX-License-Identifier: Apache-2.0
#include "agent/core/utc.hpp"

#include "tests/support/catch.hpp"

using spyre::format_utc_ms;
using spyre::parse_utc;

TEST_CASE("a time is read back as it was written") {
  CHECK(parse_utc("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_utc("2026-11-22T03:35:00.123Z") == 1'795'318'500'123);
  CHECK(format_utc_ms(1'795'318'500'123) == "2026-11-22T03:35:00.123Z");
  CHECK(parse_utc("2026-11-22T03:35:00.123456Z") == 1'795'318'500'123);
  CHECK(parse_utc("2026-11-22T03:35:00.1Z") == 1'795'318'500'100);
  CHECK(parse_utc("2024-02-29T00:00:00") == 1'709'164'800'000);
}

TEST_CASE("an invalid time is refused") {
  for (const char* text : {"", "yesterday", "2026-11-22", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
                           "2026-11-22T24:00:00Z", "2026-11-22T03:35:00.Z", "2026-11-22T03:35:00+01:00",
                           "2026-11-22T03:35:00Zx", "-026-11-22T03:35:00Z", "2026-11-22T03:35:0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_utc(text));
  }
}

TEST_CASE("a date is a day of the calendar without a time") {
  CHECK(spyre::parse_date("2024-02-29") == std::chrono::sys_days{std::chrono::days{19'782}});
  for (const char* text : {"", "2023-02-29", "2024-2-29", "2024-02-29T", "2024-02-29 ", "24-02-29", "2024/02/29"}) {
    CAPTURE(text);
    CHECK_FALSE(spyre::parse_date(text));
  }
}
