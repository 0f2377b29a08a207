// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "testsel/python/characters.hpp"

namespace spyre::testsel::python {
namespace {

// CPython's own limits: they bound the memory that a hostile file can use.
constexpr std::size_t most_brackets = 200;
constexpr std::size_t most_indents = 100;
constexpr std::size_t most_strings = 150;

struct Keyword {
  std::string_view text;
  TokenKind kind;
};

// In byte order: a name is compared only with the few keywords that begin with the same letter.
constexpr std::array keywords{
    Keyword{"False", TokenKind::constant},
    Keyword{"None", TokenKind::constant},
    Keyword{"True", TokenKind::constant},
    Keyword{"and", TokenKind::kw_infix},
    Keyword{"as", TokenKind::kw_as},
    Keyword{"assert", TokenKind::kw_statement},
    Keyword{"async", TokenKind::kw_async},
    Keyword{"await", TokenKind::kw_await},
    Keyword{"break", TokenKind::kw_statement},
    Keyword{"class", TokenKind::kw_class},
    Keyword{"continue", TokenKind::kw_statement},
    Keyword{"def", TokenKind::kw_def},
    Keyword{"del", TokenKind::kw_statement},
    Keyword{"elif", TokenKind::kw_block},
    Keyword{"else", TokenKind::kw_else},
    Keyword{"except", TokenKind::kw_block},
    Keyword{"finally", TokenKind::kw_block},
    Keyword{"for", TokenKind::kw_for},
    Keyword{"from", TokenKind::kw_from},
    Keyword{"global", TokenKind::kw_statement},
    Keyword{"if", TokenKind::kw_if},
    Keyword{"import", TokenKind::kw_import},
    Keyword{"in", TokenKind::kw_in},
    Keyword{"is", TokenKind::kw_infix},
    Keyword{"lambda", TokenKind::kw_lambda},
    Keyword{"nonlocal", TokenKind::kw_statement},
    Keyword{"not", TokenKind::kw_not},
    Keyword{"or", TokenKind::kw_infix},
    Keyword{"pass", TokenKind::kw_statement},
    Keyword{"raise", TokenKind::kw_statement},
    Keyword{"return", TokenKind::kw_statement},
    Keyword{"try", TokenKind::kw_block},
    Keyword{"while", TokenKind::kw_block},
    Keyword{"with", TokenKind::kw_block},
    Keyword{"yield", TokenKind::kw_yield},
};

constexpr auto first_from_letter = [] {
  std::array<std::uint8_t, 257> first{};
  for (std::size_t letter = 0; letter < first.size(); ++letter) {
    std::size_t i = 0;
    while (i < keywords.size() && static_cast<unsigned char>(keywords[i].text[0]) < letter) ++i;
    first[letter] = static_cast<std::uint8_t>(i);
  }
  return first;
}();

TokenKind kind_of_name(std::string_view name) {
  const auto letter = static_cast<unsigned char>(name[0]);
  for (std::size_t i = first_from_letter[letter]; i < first_from_letter[letter + 1]; ++i) {
    if (keywords[i].text == name) return keywords[i].kind;
  }
  return TokenKind::name;
}

bool is_string_prefix(std::string_view name) {
  if (name.size() == 1) return std::strchr("rRbBuUfFtT", name[0]) != nullptr;
  if (name.size() != 2) return false;
  const char a = static_cast<char>(name[0] | 0x20);
  const char b = static_cast<char>(name[1] | 0x20);
  return (a == 'r' && (b == 'b' || b == 'f' || b == 't')) || (b == 'r' && (a == 'b' || a == 'f' || a == 't'));
}

// "1if x else y" is a number and a keyword (Python warns about it, and accepts it).
bool may_follow_number(std::string_view word) {
  return word == "and" || word == "else" || word == "for" || word == "if" || word == "in" || word == "is" ||
         word == "not" || word == "or";
}

bool is_hexadecimal(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

}  // namespace

Tokenizer::Tokenizer(std::string_view source, bool in_brackets) : m_source(source) {
  if (in_brackets) {
    m_brackets.push_back({'\0', 0});
    m_line_start = false;
    m_whole = false;
  }
}

Token Tokenizer::make(TokenKind kind, std::size_t length) {
  const Token token{kind, false, m_line, static_cast<std::uint32_t>(m_pos), static_cast<std::uint32_t>(m_pos + length)};
  m_pos += length;
  m_last_line = m_line;
  m_line_open = true;
  return token;
}

Token Tokenizer::fail(std::size_t offset, std::string what) {
  m_error = std::move(what);
  m_error_offset = offset;
  return mistake();
}

Token Tokenizer::mistake() const {
  const auto offset = static_cast<std::uint32_t>(m_error_offset);
  return {TokenKind::error, false, m_line, offset, offset};
}

Token Tokenizer::next() {
  if (!m_error.empty()) return mistake();
  if (m_dedents > 0) {
    --m_dedents;
    return {TokenKind::dedent, false, m_line, static_cast<std::uint32_t>(m_pos), static_cast<std::uint32_t>(m_pos)};
  }
  if (!m_strings.empty() && m_strings.back().literal) return string_text();
  if (m_line_start) {
    if (const Token token = begin_line(); token.kind != TokenKind::end) return token;
  }
  do {
    if (is_gap(at(m_pos)) && !skip_blanks()) return mistake();
  } while (in_field() && skip_field_mark());
  if (m_pos >= m_source.size()) return end_of_source();

  const char c = m_source[m_pos];
  if (is_name_start(c)) return name();
  if (is_digit(c) || (c == '.' && is_digit(at(m_pos + 1)))) return number();
  if (c == '"' || c == '\'') return string(0);
  if (c == '\n') {  // only outside brackets: skip_blanks takes the others
    const Token newline{TokenKind::newline, false, m_last_line, static_cast<std::uint32_t>(m_pos),
                        static_cast<std::uint32_t>(m_pos)};
    ++m_pos;
    ++m_line;
    m_line_start = true;
    m_line_open = false;
    return newline;
  }
  return punctuation();
}

// Skip lines that are empty or a comment, and measure the next one's indentation. Return an indent, a dedent, an error,
// or `end` for none of them.
Token Tokenizer::begin_line() {
  m_line_start = false;
  Column column{0, 0};
  bool continued = false;  // by a backslash: what stood before it is the indentation
  for (; m_pos < m_source.size(); ++m_pos) {
    switch (m_source[m_pos]) {
      case ' ': {
        const std::size_t first = m_pos;
        while (at(m_pos + 1) == ' ') ++m_pos;
        const int blanks = static_cast<int>(m_pos - first) + 1;
        if (!continued) column = {column.width + blanks, column.alternate + blanks};
        break;
      }
      case '\t':
        if (!continued) column = {(column.width / 8 + 1) * 8, column.alternate + 1};
        break;
      case '\f':
        if (!continued) column = {0, 0};
        break;
      case '#': {
        const std::size_t line_end = m_source.find('\n', m_pos);
        m_pos = (line_end == std::string_view::npos ? m_source.size() : line_end) - 1;
        break;
      }
      case '\n':
        ++m_line;
        column = {0, 0};
        continued = false;
        break;
      case '\\':
        if (at(m_pos + 1) != '\n') return fail(m_pos, "unexpected character after a line continuation");
        continued = column.width > 0;
        column.alternate = column.width;
        ++m_pos;
        ++m_line;
        break;
      default:
        return indentation(column);
    }
  }
  return {};
}

// Return an indent, a dedent, an error, or `end` for none of them.
Token Tokenizer::indentation(Column column) {
  const Column top = m_indents.back();
  if (column.width == top.width) {
    if (column.alternate != top.alternate) return fail(m_pos, "inconsistent use of tabs and blanks in indentation");
    return {};
  }
  Token token{TokenKind::indent, false, m_line, static_cast<std::uint32_t>(m_pos), static_cast<std::uint32_t>(m_pos)};
  if (column.width > top.width) {
    if (m_indents.size() >= most_indents) return fail(m_pos, "too many levels of indentation");
    if (column.alternate <= top.alternate) return fail(m_pos, "inconsistent use of tabs and blanks in indentation");
    m_indents.push_back(column);
    return token;
  }
  int closed = 0;
  for (; m_indents.back().width > column.width; ++closed) m_indents.pop_back();
  if (m_indents.back().width != column.width) return fail(m_pos, "unindent does not match any outer indentation level");
  if (m_indents.back().alternate != column.alternate) {
    return fail(m_pos, "inconsistent use of tabs and blanks in indentation");
  }
  m_dedents = closed - 1;
  token.kind = TokenKind::dedent;
  return token;
}

Token Tokenizer::end_of_source() {
  const auto here = static_cast<std::uint32_t>(m_source.size());
  if (!m_whole) {
    if (m_brackets.size() > 1) return fail(m_brackets.back().offset, "bracket was never closed");
    return {TokenKind::end, false, m_line, here, here};
  }
  if (!m_brackets.empty()) {
    const Bracket& open = m_brackets.back();
    return fail(open.offset, fmt::format("'{}' was never closed", m_source[open.offset]));
  }
  if (m_line_open) {
    m_line_open = false;
    m_line_start = true;
    return {TokenKind::newline, false, m_last_line, here, here};
  }
  if (m_indents.size() > 1) {
    m_dedents = static_cast<int>(m_indents.size()) - 2;
    m_indents.resize(1);
    return {TokenKind::dedent, false, m_line, here, here};
  }
  return {TokenKind::end, false, m_line, here, here};
}

// Skip blanks, comments and continued lines; within brackets also line ends. Return false on an error.
bool Tokenizer::skip_blanks() {
  for (; is_gap(at(m_pos)); ++m_pos) {
    switch (m_source[m_pos]) {
      case '#': {
        const std::size_t line_end = m_source.find('\n', m_pos);
        m_pos = (line_end == std::string_view::npos ? m_source.size() : line_end) - 1;
        break;
      }
      case '\n':
        if (m_brackets.empty()) return true;
        ++m_line;
        break;
      case '\\':
        if (at(m_pos + 1) != '\n' || m_pos + 2 >= m_source.size()) {
          fail(m_pos, fmt::format("unexpected {} after a line continuation",
                                  at(m_pos + 1) != '\n' ? "character" : "end of file"));
          return false;
        }
        ++m_pos;
        ++m_line;
        break;
      default:
        break;
    }
  }
  return true;
}

Token Tokenizer::name() {
  std::size_t end = m_pos;
  unsigned char bits = 0;
  const auto part = [&] {
    while (end < m_source.size() && is_name_part(m_source[end])) bits |= static_cast<unsigned char>(m_source[end++]);
  };
  part();
  const std::string_view first = m_source.substr(m_pos, end - m_pos);
  if ((at(end) == '"' || at(end) == '\'') && is_string_prefix(first)) return string(first.size());
  const TokenKind kind = kind_of_name(first);
  bool dotted = false;
  if (kind == TokenKind::name) {
    while (at(end) == '.' && is_name_start(at(end + 1))) {
      dotted = true;
      ++end;
      part();
    }
  }
  if (bits >= 0x80) {
    const std::size_t wrong = first_foreign_character(m_source.substr(m_pos, end - m_pos));
    if (wrong < end - m_pos) return fail(m_pos + wrong, "invalid character");
  }
  Token token = make(kind, end - m_pos);
  token.dotted = dotted;
  return token;
}

Token Tokenizer::number() {
  std::size_t end = m_pos;
  const auto digits = [&](auto is_one) {
    while (is_one(at(end)) || (at(end) == '_' && is_one(at(end + 1)))) ++end;
  };
  const char base = at(m_pos) == '0' ? static_cast<char>(at(m_pos + 1) | 0x20) : '\0';
  if (base == 'x' || base == 'o' || base == 'b') {
    end += 2;
    const std::size_t first = end;
    if (base == 'x') digits(is_hexadecimal);
    if (base == 'o') digits([](char c) { return c >= '0' && c <= '7'; });
    if (base == 'b') digits([](char c) { return c == '0' || c == '1'; });
    if (end == first || is_digit(at(end))) return fail(m_pos, "invalid number");
  } else {
    digits(is_digit);
    const std::string_view whole = m_source.substr(m_pos, end - m_pos);
    bool integer = true;
    if (at(end) == '.') {
      integer = false;
      ++end;
      if (is_digit(at(end))) digits(is_digit);
    }
    if (char e = static_cast<char>(at(end) | 0x20); e == 'e') {
      const std::size_t exponent = end + 1 + (at(end + 1) == '+' || at(end + 1) == '-' ? 1 : 0);
      if (is_digit(at(exponent))) {
        integer = false;
        end = exponent;
        digits(is_digit);
      }
    }
    if ((at(end) | 0x20) == 'j') {
      integer = false;
      ++end;
    }
    if (integer && whole.size() > 1 && whole[0] == '0' && whole.find_first_not_of("0_") != std::string_view::npos) {
      return fail(m_pos, "leading zeros in a decimal number");
    }
  }
  if (end < m_source.size() && is_name_part(at(end))) {
    std::size_t word = end;
    while (word < m_source.size() && is_name_part(m_source[word])) ++word;
    if (!may_follow_number(m_source.substr(end, word - end))) return fail(m_pos, "invalid number");
  }
  return make(TokenKind::number, end - m_pos);
}

Token Tokenizer::string(std::size_t prefix) {
  const std::size_t quotes = m_pos + prefix;
  const char quote = m_source[quotes];
  const bool triple = at(quotes + 1) == quote && at(quotes + 2) == quote;
  bool with_fields = false;
  bool raw = false;
  for (const char c : m_source.substr(m_pos, prefix)) {
    with_fields |= (c | 0x20) == 'f' || (c | 0x20) == 't';
    raw |= (c | 0x20) == 'r';
  }
  if (!with_fields) return plain_string(quotes, triple);
  if (m_strings.size() >= most_strings) return fail(m_pos, "too many nested f-strings");
  m_strings.push_back({static_cast<std::uint32_t>(m_pos), m_brackets.size(), quote, triple, raw, true});
  return make(TokenKind::string_begin, prefix + (triple ? 3 : 1));
}

Token Tokenizer::plain_string(std::size_t quotes, bool triple) {
  const char quote = m_source[quotes];
  const int line = m_line;
  std::size_t i = quotes + (triple ? 3 : 1);
  for (; i < m_source.size(); ++i) {
    const char c = m_source[i];
    if (c == '\\') {
      if (at(++i) == '\n') ++m_line;
    } else if (c == '\n') {
      if (!triple) break;
      ++m_line;
    } else if (c == quote && (!triple || (at(i + 1) == quote && at(i + 2) == quote))) {
      Token token = make(TokenKind::string, i + (triple ? 3 : 1) - m_pos);
      token.line = line;
      return token;
    }
  }
  m_line = line;
  return fail(m_pos, "unterminated string");
}

// Read the text of an f-string up to its next field or its end.
Token Tokenizer::string_text() {
  OpenString& string = m_strings.back();
  const bool in_format = m_brackets.size() > string.depth;  // after the ':' of a field
  for (; m_pos < m_source.size(); ++m_pos) {
    const char c = m_source[m_pos];
    if (c == string.quote && (!string.triple || (at(m_pos + 1) == c && at(m_pos + 2) == c))) {
      if (in_format) return fail(m_pos, "f-string: expecting '}'");
      const std::size_t length = string.triple ? 3 : 1;
      m_strings.pop_back();
      return make(TokenKind::string_end, length);
    }
    if (c == '{') {
      if (at(m_pos + 1) != '{' || in_format) return open_field();
      ++m_pos;
    } else if (c == '}') {
      if (in_format) return close_field();
      if (at(m_pos + 1) != '}') return fail(m_pos, "f-string: single '}' is not allowed");
      ++m_pos;
    } else if (c == '\n') {
      if (!string.triple) break;
      ++m_line;
    } else if (c == '\\') {
      if (!string.raw && at(m_pos + 1) == 'N' && at(m_pos + 2) == '{') {
        m_pos = std::min(m_source.find('}', m_pos), m_source.size() - 1);  // \N{LATIN SMALL LETTER A} is not a field
      } else if (at(m_pos + 1) != '{' && at(m_pos + 1) != '}') {
        if (at(++m_pos) == '\n') ++m_line;
      }
    }
  }
  return fail(string.offset, "unterminated f-string");
}

Token Tokenizer::open_field() {
  if (m_brackets.size() >= most_brackets) return fail(m_pos, "too many nested brackets");
  m_brackets.push_back({'f', static_cast<std::uint32_t>(m_pos)});
  m_strings.back().literal = false;
  return make(TokenKind::field_begin, 1);
}

Token Tokenizer::close_field() {
  m_brackets.pop_back();
  m_strings.back().literal = true;
  return make(TokenKind::field_end, 1);
}

Token Tokenizer::open(TokenKind kind, char closing) {
  if (m_brackets.size() >= most_brackets) return fail(m_pos, "too many nested brackets");
  m_brackets.push_back({closing, static_cast<std::uint32_t>(m_pos)});
  return make(kind, 1);
}

Token Tokenizer::close(char closing) {
  if (in_field() && closing == '}') return close_field();
  if (m_brackets.size() <= (m_whole ? 0U : 1U)) return fail(m_pos, fmt::format("unmatched '{}'", closing));
  const Bracket open = m_brackets.back();
  if (open.closing != closing) {
    return fail(m_pos, fmt::format("'{}' does not match '{}'", closing, m_source[open.offset]));
  }
  m_brackets.pop_back();
  return make(TokenKind::close, 1);
}

// Skip "=" and "!r" at the end of a field's expression. Return false if there is none.
bool Tokenizer::skip_field_mark() {
  const char mark = at(m_pos);
  if ((mark != '=' && mark != '!') || at(m_pos + 1) == '=') return false;
  ++m_pos;
  while (mark == '!' && is_name_part(at(m_pos))) ++m_pos;
  return true;
}

Token Tokenizer::punctuation() {
  const char c = m_source[m_pos];
  const char second = at(m_pos + 1);
  const char third = at(m_pos + 2);
  const auto augmented = [&](TokenKind plain) { return second == '=' ? make(TokenKind::augment, 2) : make(plain, 1); };
  const auto doubled = [&](TokenKind once, TokenKind twice) {
    if (second != c) return augmented(once);
    return third == '=' ? make(TokenKind::augment, 3) : make(twice, 2);
  };
  switch (c) {
    case '(':
      return open(TokenKind::open_paren, ')');
    case '[':
      return open(TokenKind::open_bracket, ']');
    case '{':
      return open(TokenKind::open_brace, '}');
    case ')':
    case ']':
    case '}':
      return close(c);
    case ',':
      return make(TokenKind::comma, 1);
    case ';':
      return make(TokenKind::semicolon, 1);
    case ':':
      if (in_field()) {  // the format follows: text
        ++m_pos;
        m_strings.back().literal = true;
        return string_text();
      }
      return second == '=' ? make(TokenKind::walrus, 2) : make(TokenKind::colon, 1);
    case '.':
      return second == '.' && third == '.' ? make(TokenKind::constant, 3) : make(TokenKind::dot, 1);
    case '=':
      return second == '=' ? make(TokenKind::binary, 2) : make(TokenKind::assign, 1);
    case '!':
      if (second == '=') return make(TokenKind::binary, 2);
      break;
    case '+':
    case '~':
      return augmented(TokenKind::sign);
    case '-':
      return second == '>' ? make(TokenKind::arrow, 2) : augmented(TokenKind::sign);
    case '*':
      return doubled(TokenKind::star, TokenKind::star);
    case '/':
      return doubled(TokenKind::slash, TokenKind::binary);
    case '@':
      return augmented(TokenKind::at);
    case '%':
    case '&':
    case '|':
    case '^':
      return augmented(TokenKind::binary);
    case '<':
    case '>':
      if (second == c) return doubled(TokenKind::binary, TokenKind::binary);
      return make(TokenKind::binary, second == '=' ? 2 : 1);
    default:
      break;
  }
  return fail(m_pos, "invalid character");
}

}  // namespace spyre::testsel::python
