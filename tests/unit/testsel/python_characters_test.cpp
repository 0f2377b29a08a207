// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tests/support/catch.hpp"
#include "testsel/python/characters.hpp"

namespace spyre::testsel::python {
namespace {

std::string decoded(std::string bytes) {
  const auto text = decode_source(std::move(bytes));
  return text ? *text : "error " + text.error().message;
}

}  // namespace

TEST_CASE("all line ends are normalised") {
  CHECK(decoded("a\r\nb\rc\nd\r\n\re") == "a\nb\nc\nd\n\ne");
  CHECK(decoded("a\r") == "a\n");
  CHECK(decoded("\xEF\xBB\xBFx = 1\n") == "x = 1\n");
  CHECK(decoded("").empty());
}

TEST_CASE("source is UTF-8 unless it declares another encoding") {
  CHECK(decoded("x = 'é'") == "x = 'é'");
  CHECK(decoded("a = 1\nx = '\xe9'") == "error 2:6: a byte that is not UTF-8, and no other encoding is declared");
  CHECK(decoded("# -*- coding: latin-1 -*-\nx = '\xe9'") == "# -*- coding: latin-1 -*-\nx = '\xe9'");
  CHECK(decoded("#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n'\xa4'").ends_with("'\xa4'"));
  CHECK(decoded("x = 1\n# coding: latin-1\n'\xe9'").starts_with("error 3:2:"));
  CHECK(decoded("\n\n# coding: latin-1\n'\xe9'").starts_with("error 4:2:"));
  CHECK(decoded("# coding: UTF_8\n'\xe9'").starts_with("error 2:2:"));
  CHECK(decoded("# coding: utf-16\n") == "error 1:1: unknown encoding 'utf-16'");
  CHECK(decoded("\xEF\xBB\xBF# coding: latin-1\n").starts_with("error 1:1: a byte order mark"));
}

TEST_CASE("invalid UTF-8 is refused") {
  const std::string bytes = GENERATE(as<std::string>{}, "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                                     "\x80", "\xf8\x88\x80\x80\x80", "\xe0\x80\xaf");
  CHECK(decoded("#" + bytes).starts_with("error 1:2:"));
  CHECK(decoded("# a comment that is longer than a word" + bytes).starts_with("error 1:39:"));
}

TEST_CASE("a NUL byte is refused") {
  CHECK(decoded(std::string("a\n\0b", 4)) == "error 2:1: a NUL byte");
}

TEST_CASE("columns count characters") {
  CHECK(position("äöü x", 6) == "1:4");
  CHECK(position("a\nbc\n", 5) == "3:1");
  CHECK(position("", 0) == "1:1");
}

TEST_CASE("characters that come into source by accident are not letters") {
  CHECK(first_foreign_character("größe") == 7);
  CHECK(first_foreign_character("变量") == 6);
  CHECK(first_foreign_character("a\u201cb") == 1);
  CHECK(first_foreign_character("ab\u00a0") == 2);
  CHECK(first_foreign_character("\xff") == 1);
}

}  // namespace spyre::testsel::python
