// SPDX-License-Identifier: Apache-2.0
// Python's lexical grammar: converts text to tokens, one at a time, without copying it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::testsel::python {

enum class TokenKind : std::uint8_t {
  // Operands
  name,  // dotted where it is written in one piece: "torch.float32"
  number,
  constant,      // None, True, False, ...
  string,        // any literal without fields
  string_begin,  // an f-string or t-string: then its fields, then string_end
  string_end,
  field_begin,  // "{" of a field of an f-string
  field_end,
  // Brackets and punctuation
  open_paren,
  open_bracket,
  open_brace,
  close,  // ) ] }
  comma,
  colon,
  semicolon,
  dot,
  assign,   // =
  at,       // @
  star,     // * **
  slash,    // /
  sign,     // + - ~
  binary,   // any other operator between operands
  augment,  // += and its like
  walrus,   // :=
  arrow,    // ->
  // Keywords
  kw_as,
  kw_async,
  kw_await,
  kw_class,
  kw_def,
  kw_else,
  kw_for,
  kw_from,
  kw_if,
  kw_import,
  kw_in,
  kw_infix,  // and, or, is
  kw_lambda,
  kw_not,
  kw_yield,
  kw_block,      // elif, except, finally, try, while, with
  kw_statement,  // assert, break, continue, del, global, nonlocal, pass, raise, return
  // Layout
  newline,  // the end of a logical line; its line is that of the last token before it
  indent,
  dedent,
  end,
  error,
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool dotted = false;      // of a name
  int line = 0;             // 1-based, of its first character
  std::uint32_t begin = 0;  // offsets into the source
  std::uint32_t end = 0;
};

class Tokenizer {
 public:
  // `source` is decoded (see decode_source), shorter than 4 GiB, and outlives the tokenizer. `depth` > 0: a text from
  // between brackets, where line ends have no meaning.
  explicit Tokenizer(std::string_view source, bool in_brackets = false);

  // Return the next token. Each block that begins is an indent, each that ends a dedent. After the last one: `end`
  // forever; after an error: `error` forever.
  Token next();

  // Return how many brackets and fields are open after the last token.
  std::size_t depth() const { return m_brackets.size(); }
  std::string_view text(const Token& token) const { return m_source.substr(token.begin, token.end - token.begin); }

  // Return the reason and the place of an `error`.
  const std::string& error() const { return m_error; }
  std::size_t error_offset() const { return m_error_offset; }

 private:
  struct Bracket {
    char closing;  // ')', ']', '}', or 'f': the end of a field
    std::uint32_t offset;
  };
  // An open f-string: `fields` of the brackets belong to it.
  struct OpenString {
    std::uint32_t offset;
    std::size_t depth;  // of the brackets around it
    char quote;
    bool triple;
    bool raw;
    bool literal;  // whether its text is being read, not an expression of a field
  };

  struct Column {
    int width;      // a tab goes to the next multiple of 8
    int alternate;  // a tab counts 1: if the two disagree, the indentation depends on the width of a tab
  };

  char at(std::size_t offset) const { return offset < m_source.size() ? m_source[offset] : '\0'; }
  bool in_field() const { return !m_brackets.empty() && m_brackets.back().closing == 'f'; }
  Token make(TokenKind kind, std::size_t length);
  Token fail(std::size_t offset, std::string what);
  Token mistake() const;
  Token begin_line();
  Token indentation(Column column);
  Token end_of_source();
  bool skip_blanks();
  bool skip_field_mark();
  Token name();
  Token number();
  Token string(std::size_t prefix);
  Token plain_string(std::size_t quotes, bool triple);
  Token string_text();
  Token open_field();
  Token close_field();
  Token open(TokenKind kind, char closing);
  Token close(char closing);
  Token punctuation();

  std::string_view m_source;
  std::size_t m_pos = 0;
  int m_line = 1;
  int m_last_line = 1;  // on which the last token ended
  bool m_line_start = true;
  bool m_line_open = false;  // a logical line has tokens and no newline yet
  bool m_whole = true;       // a file, not a piece from between brackets
  int m_dedents = 0;         // still to be returned
  std::vector<Column> m_indents{{0, 0}};
  std::vector<Bracket> m_brackets;
  std::vector<OpenString> m_strings;
  std::string m_error;
  std::size_t m_error_offset = 0;
};

}  // namespace spyre::testsel::python
