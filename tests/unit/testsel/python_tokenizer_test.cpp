// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "testsel/python/tokenizer.hpp"

namespace spyre::testsel::python {
namespace {

// Tokens as text, layout as "NEWLINE", "INDENT", "DEDENT"; an error ends the list with "ERROR: why".
std::vector<std::string> tokens(std::string_view source) {
  Tokenizer tokenizer(source);
  std::vector<std::string> found;
  while (true) {
    const Token token = tokenizer.next();
    switch (token.kind) {
      case TokenKind::end:
        return found;
      case TokenKind::error:
        found.push_back("ERROR: " + tokenizer.error());
        return found;
      case TokenKind::newline:
        found.emplace_back("NEWLINE");
        break;
      case TokenKind::indent:
        found.emplace_back("INDENT");
        break;
      case TokenKind::dedent:
        found.emplace_back("DEDENT");
        break;
      default:
        found.emplace_back(tokenizer.text(token));
    }
  }
}

using Texts = std::vector<std::string>;

std::string tokenizer_error(std::string_view source) {
  const Texts all = tokens(source);
  return all.empty() || !all.back().starts_with("ERROR: ") ? "none" : all.back().substr(7);
}

}  // namespace

TEST_CASE("a string is one token, for all prefixes, quotes and contents") {
  const std::string literal = GENERATE(as<std::string>{}, R"('a')", R"("a'b")", R"('a\'b')", R"(b"x")", R"(Rb'\x')",
                                       R"(u"x")", R"(BR"x")", R"("""a "quoted" ""word"" """)", "'''a\nb'''", "'a\\\nb'",
                                       R"('\\')", R"("")", R"('''''')", R"(""" \""" """)", R"('#')", R"("""'''""")");
  CHECK(tokens(literal + " x") == Texts{literal, "x", "NEWLINE"});
}

TEST_CASE("the fields of an f-string are tokens, its text is not") {
  CHECK(tokens(R"(f"a {b.c} d")") == Texts{"f\"", "{", "b.c", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(rf'{{}} {x}')") == Texts{"rf'", "{", "x", "}", "'", "NEWLINE"});
  CHECK(tokens(R"(f"{x!r:>{width}}")") == Texts{"f\"", "{", "x", "{", "width", "}", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"{x = !r}")") == Texts{"f\"", "{", "x", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"{x!=y}")") == Texts{"f\"", "{", "x", "!=", "y", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"{x:=^9}")") == Texts{"f\"", "{", "x", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"\N{BULLET} {x}")") == Texts{"f\"", "{", "x", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"{d["k"]}")") == Texts{"f\"", "{", "d", "[", "\"k\"", "]", "}", "\"", "NEWLINE"});
  CHECK(tokens(R"(f"{f"{f"{1}"}"}")") ==
        Texts{"f\"", "{", "f\"", "{", "f\"", "{", "1", "}", "\"", "}", "\"", "}", "\"", "NEWLINE"});
  CHECK(tokens("f'''{\nx  # why\n}'''") == Texts{"f'''", "{", "x", "}", "'''", "NEWLINE"});
  CHECK(tokens(R"(t"{x}")") == Texts{"t\"", "{", "x", "}", "\"", "NEWLINE"});
}

TEST_CASE("errors in strings are found") {
  CHECK(tokenizer_error("'a\nb'") == "unterminated string");
  CHECK(tokenizer_error(R"(r'\')") == "unterminated string");
  CHECK(tokenizer_error("'''a") == "unterminated string");
  CHECK(tokenizer_error("f'{x'") == "unterminated string");
  CHECK(tokenizer_error("f'{x") == "'{' was never closed");
  CHECK(tokenizer_error("f'{x}") == "unterminated f-string");
  CHECK(tokenizer_error("f'}'") == "f-string: single '}' is not allowed");
  CHECK(tokenizer_error("f'{x:'") == "f-string: expecting '}'");
  CHECK(tokenizer_error("f'{x)}'") == "')' does not match '{'");
}

TEST_CASE("numbers of every kind are one token") {
  const std::string number = GENERATE(as<std::string>{}, "0", "00", "1_000", "0xFF_f", "0o17", "0b1_0", "1.", ".5",
                                      "1.5e-10", "1E5", "1e1_0", "3j", "1.J", "09.5", "0777j", "1_0.0_1");
  CHECK(tokens(number + " + x") == Texts{number, "+", "x", "NEWLINE"});
}

TEST_CASE("a keyword may follow a number directly") {
  CHECK(tokens("1if x else 2") == Texts{"1", "if", "x", "else", "2", "NEWLINE"});
  CHECK(tokens("0xfor x") == Texts{"0xf", "or", "x", "NEWLINE"});
  CHECK(tokenizer_error("10L") == "invalid number");
  CHECK(tokenizer_error("1_") == "invalid number");
  CHECK(tokenizer_error("0b12") == "invalid number");
  CHECK(tokenizer_error("0777") == "leading zeros in a decimal number");
}

TEST_CASE("names are dotted where they are written in one piece") {
  CHECK(tokens("a.b.c (d . e)") == Texts{"a.b.c", "(", "d", ".", "e", ")", "NEWLINE"});
  CHECK(tokens("x.1") == Texts{"x", ".1", "NEWLINE"});
  CHECK(tokens("größe.Å") == Texts{"größe.Å", "NEWLINE"});
  CHECK(tokenizer_error("x = “y”") == "invalid character");
  CHECK(tokenizer_error("x\u00a0= 1") == "invalid character");
}

TEST_CASE("indentation becomes tokens, and empty lines and comments do not count") {
  CHECK(tokens("if a:\n  b\n\n    # far right\n# far left\n  c\nd\n") ==
        Texts{"if", "a", ":", "NEWLINE", "INDENT", "b", "NEWLINE", "c", "NEWLINE", "DEDENT", "d", "NEWLINE"});
  CHECK(tokens("if a:\n if b:\n  c") == Texts{"if", "a", ":", "NEWLINE", "INDENT", "if", "b", ":", "NEWLINE", "INDENT",
                                              "c", "NEWLINE", "DEDENT", "DEDENT"});
  CHECK(tokens("if a:\n\tb\n        c\n").back() == "ERROR: inconsistent use of tabs and blanks in indentation");
  CHECK(tokens("if a:\n\tb\n\tc\n").back() == "DEDENT");
  CHECK(tokens("\f\nif a:\n  \f    b\n    c\n").back() == "DEDENT");
  CHECK(tokenizer_error("if a:\n    b\n  c\n") == "unindent does not match any outer indentation level");
}

TEST_CASE("lines continue within brackets and after a backslash") {
  CHECK(tokens("a = [1,\n# no\n  2]\nb") == Texts{"a", "=", "[", "1", ",", "2", "]", "NEWLINE", "b", "NEWLINE"});
  CHECK(tokens("a = \\\n  1\n") == Texts{"a", "=", "1", "NEWLINE"});
  CHECK(tokenizer_error("a = \\ 1\n") == "unexpected character after a line continuation");
  CHECK(tokenizer_error("a = \\\n") == "unexpected end of file after a line continuation");
}

TEST_CASE("brackets have to match") {
  CHECK(tokenizer_error("(a]") == "']' does not match '('");
  CHECK(tokenizer_error("a)") == "unmatched ')'");
  CHECK(tokenizer_error("f(a,\n") == "'(' was never closed");
}

TEST_CASE("operators have the length that Python gives them") {
  CHECK(tokens("a //= b ** c >> d <<= e -> f := g != h ... @ i @= j") ==
        Texts{"a",  "//=", "b",  "**", "c",   ">>", "d", "<<=", "e", "->",     "f",
              ":=", "g",   "!=", "h",  "...", "@",  "i", "@=",  "j", "NEWLINE"});
  CHECK(tokenizer_error("a ? b") == "invalid character");
  CHECK(tokenizer_error("`a`") == "invalid character");
}

TEST_CASE("a newline has the line of the statement that it ends") {
  Tokenizer tokenizer("x = '''a\nb''' # c\n\n\ny\n");
  std::vector<int> lines;
  for (Token token = tokenizer.next(); token.kind != TokenKind::end; token = tokenizer.next()) {
    lines.push_back(token.line);
  }
  CHECK(lines == std::vector<int>{1, 1, 1, 2, 5, 5});
}

TEST_CASE("nesting is limited, so that hostile files use no memory") {
  CHECK(tokenizer_error(std::string(100'000, '(')) == "too many nested brackets");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += std::string(i, ' ') + "if x:\n";
  CHECK(tokenizer_error(deep) == "too many levels of indentation");
  std::string strings;
  for (int i = 0; i < 1000; ++i) strings += "f'{";
  CHECK(tokenizer_error(strings) == "too many nested f-strings");
}

TEST_CASE("any text ends, within its bounds") {
  CHECK(rc::check([] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "f'", "'", "\"\"\"", "{", "}", "(", ")", "[", "]", ":", "\n", "  ", "\t", "\\", "\\\n", "#", "x", "if ",
        "lambda ", "=", "!", ".", "1", "0x", "\f", "é", "\xff", "N{", "rb'", ","));
    std::string source;
    for (const std::string& piece : pieces) source += piece;
    Tokenizer tokenizer(source);
    std::size_t last = 0;
    for (std::size_t count = 0;; ++count) {
      RC_ASSERT(count <= 3 * source.size() + 3);
      const Token token = tokenizer.next();
      if (token.kind == TokenKind::end || token.kind == TokenKind::error) break;
      RC_ASSERT(token.begin >= last);
      RC_ASSERT(token.end >= token.begin);
      RC_ASSERT(token.end <= source.size());
      last = token.end;
    }
  }));
}

}  // namespace spyre::testsel::python
