// SPDX-License-Identifier: Apache-2.0
#include "agent/core/text.hpp"

#include <csignal>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using namespace spyre;

TEST_CASE("durations are parsed as people write them") {
  CHECK(parse_duration("90s")->count() == 90);
  CHECK(parse_duration("10m")->count() == 600);
  CHECK(parse_duration("1h30m")->count() == 5400);
  CHECK(parse_duration("500ms")->count() == 0.5);
  CHECK(parse_duration("2d")->count() == 172800);
  CHECK(parse_duration("7")->count() == 7);
  for (const char* wrong : {"", "m", "-5s", "5 parsecs", "1h-3m", "nan", "inf", "1e400s", "s5"}) {
    const auto duration = parse_duration(wrong);
    INFO(wrong);
    REQUIRE_FALSE(duration);
    CHECK(duration.error().kind == ErrorKind::usage);
    CHECK_FALSE(duration.error().hint.empty());
  }
}

TEST_CASE("durations are written with at most two units") {
  CHECK(format_duration(Seconds{0.0123}) == "12 ms");
  CHECK(format_duration(Seconds{12.34}) == "12.3 s");
  CHECK(format_duration(Seconds{59.97}) == "1 min 00 s");
  CHECK(format_duration(Seconds{125}) == "2 min 05 s");
  CHECK(format_duration(Seconds{3840}) == "1 h 04 min");
}

TEST_CASE("sizes have binary and decimal units") {
  CHECK(parse_size("4096").value() == 4096);
  CHECK(parse_size("64KiB").value() == 65536);
  CHECK(parse_size("500MB").value() == 500'000'000);
  CHECK(parse_size("2 GiB").has_value() == false);
  CHECK_FALSE(parse_size(""));
  CHECK_FALSE(parse_size("12 bananas"));
  CHECK(format_size(65536) == "64.0 KiB");
  CHECK(format_size(12) == "12 B");
}

TEST_CASE("a count consists of digits and is within its range") {
  CHECK(parse_count("42", 100).value() == 42);
  for (const char* wrong : {"", "-1", "101", "4x", " 4", "99999999999999999999"}) CHECK_FALSE(parse_count(wrong, 100));
}

TEST_CASE("a misspelt name gets the nearest candidate, an unrelated one gets none") {
  const std::vector<std::string> keys{"case_timeout", "stall_timeout", "retries"};
  CHECK(nearest("case_timout", keys) == "case_timeout");
  CHECK(nearest("RETRYS", keys) == "retries");
  CHECK(nearest("xyzzy", keys).empty());
  CHECK(did_you_mean("retrys", keys) == "; did you mean 'retries'?");
  CHECK(did_you_mean("xyzzy", keys).empty());
}

TEST_CASE("globs") {
  CHECK(glob_match("test/*.py", "test/test_torch.py"));
  CHECK_FALSE(glob_match("test/*.py", "test/jit/test_async.py"));
  CHECK(glob_match("test/**/*.py", "test/jit/test_async.py"));
  CHECK(glob_match("test/**/*.py", "test/test_torch.py"));
  CHECK(glob_match("**", "anything/at/all"));
  CHECK(glob_match("test_[a-c]?", "test_bx"));
  CHECK(glob_match("test_[!a-c]", "test_d"));
  CHECK_FALSE(glob_match("test_[!a-c]", "test_a"));
  CHECK_FALSE(glob_match("a?c", "a/c"));
  CHECK_FALSE(glob_match("abc", "abcd"));
  CHECK_FALSE(glob_match("abc", "ab"));
  CHECK_FALSE(glob_match("[", "a"));
}

TEST_CASE("text is cut at the edge of a character") {
  CHECK(shorten("short", 10) == "short");
  CHECK(shorten("häuser", 2) == "h… (6 more bytes)");
  const std::string cut = head_and_tail(std::string(50, 'a') + std::string(50, 'z'), 20);
  CHECK(cut == "aaaaaaaaaa\n[… 80 bytes left out …]\nzzzzzzzzzz");
}

TEST_CASE("valid_utf8 repairs invalid UTF-8 and keeps valid text") {
  CHECK(valid_utf8("häuser €😀") == "häuser €😀");
  CHECK(valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(valid_utf8("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  CHECK(valid_utf8("\xC3") == "\xEF\xBF\xBD");
  rc::check("valid_utf8 is idempotent", [](const std::string& bytes) {
    const std::string once = valid_utf8(bytes);
    RC_ASSERT(valid_utf8(once) == once);
  });
}

TEST_CASE("signals have their C names, or a number if they have no name") {
  CHECK(signal_name(SIGSEGV) == "SIGSEGV");
  CHECK(signal_name(SIGTERM) == "SIGTERM");
  CHECK(signal_name(77) == "signal 77");
}

TEST_CASE("a commit's id is 40 hexadecimal digits") {
  const std::string id(40, 'a');
  CHECK(is_commit_id(id));
  CHECK(is_commit_id("0123456789ABCDEFabcdef0123456789ABCDEFab"));
  CHECK_FALSE(is_commit_id(id.substr(1)));
  CHECK_FALSE(is_commit_id(id + "a"));
  CHECK_FALSE(is_commit_id(std::string(39, 'a') + "g"));
  CHECK(lower("ABZ-Ä1") == "abz-Ä1");
}
