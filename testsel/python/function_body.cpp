// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/function_body.hpp"

#include <cstddef>
#include <utility>

#include "testsel/python/tokenizer.hpp"

namespace spyre::testsel::python {
namespace {

class BodyReader {
 public:
  // `text` begins with the function's name.
  explicit BodyReader(std::string_view text) : m_text(text), m_tokens(text) {}

  FunctionBody read() {
    header();
    advance_after_layout();
    if (m_token.kind != TokenKind::newline) {
      while (!over() && m_token.kind != TokenKind::newline) statement_token();
      end_statement();
      return std::move(m_body);
    }
    advance();
    for (int depth = 0; !over(); advance_after_layout()) {
      if (m_token.kind == TokenKind::indent) ++depth;
      if (m_token.kind == TokenKind::dedent) --depth;
      if (depth == 0) break;
      while (!over() && !is_layout(m_token.kind)) statement_token();
      end_statement();
    }
    return std::move(m_body);
  }

 private:
  struct Bracket {
    std::string_view callee;  // empty when it calls nothing
    bool of_class = false;    // `class callee(`
    std::size_t begin = 0;
  };

  static bool is_layout(TokenKind kind) { return kind >= TokenKind::newline; }
  bool over() const { return m_token.kind == TokenKind::end || m_token.kind == TokenKind::error; }
  std::string_view slice(std::size_t begin, std::size_t end) const {
    return begin < end ? m_text.substr(begin, end - begin) : std::string_view{};
  }

  void advance() {
    m_before = std::exchange(m_previous, m_token);
    m_token = m_tokens.next();
  }

  // Layout tokens are looked at one by one; what follows them begins a statement.
  void advance_after_layout() {
    advance();
    m_segment_begins = true;
  }

  // Up to the colon.
  void header() {
    for (advance(); !over() && !(m_token.kind == TokenKind::colon && m_tokens.depth() == 0); advance()) {
      const bool begins = m_previous.kind == TokenKind::open_paren || m_previous.kind == TokenKind::comma ||
                          m_previous.kind == TokenKind::star;
      if (m_token.kind == TokenKind::name && m_tokens.depth() == 1 && begins) {
        m_body.parameters.push_back(m_tokens.text(m_token));
      }
    }
  }

  void statement_token() {
    const std::size_t depth = m_tokens.depth();
    if (std::exchange(m_segment_begins, false)) m_segment = m_token.begin;
    switch (m_token.kind) {
      case TokenKind::name:
        m_body.names.push_back(m_tokens.text(m_token));
        break;
      case TokenKind::open_paren:
      case TokenKind::open_bracket:
      case TokenKind::open_brace:
        open();
        break;
      case TokenKind::close:
        close();
        break;
      case TokenKind::assign:
        if (depth == 0) {
          m_targets.push_back(slice(m_segment, m_previous.end));
          m_segment_begins = true;
        }
        break;
      case TokenKind::semicolon:
      case TokenKind::colon:
        if (depth == 0) {
          end_statement();
          m_segment_begins = true;
        }
        break;
      default:
        break;
    }
    advance();
  }

  void open() {
    Bracket bracket{{}, false, m_token.end};
    if (m_token.kind == TokenKind::open_paren && m_previous.kind == TokenKind::name &&
        m_before.kind != TokenKind::kw_def) {
      bracket.callee = m_tokens.text(m_previous);
      bracket.of_class = m_before.kind == TokenKind::kw_class;
    }
    m_brackets.push_back(bracket);
  }

  void close() {
    if (m_brackets.empty()) return;
    const Bracket bracket = m_brackets.back();
    m_brackets.pop_back();
    if (bracket.callee.empty()) return;
    const std::string_view inside = slice(bracket.begin, m_token.begin);
    if (bracket.of_class) {
      m_body.classes.push_back({bracket.callee, inside});
    } else {
      m_body.calls.push_back({bracket.callee, inside});
    }
  }

  void end_statement() {
    const std::string_view value = slice(m_segment, m_previous.end);
    for (const std::string_view target : m_targets) m_body.assignments.push_back({target, value});
    m_targets.clear();
  }

  std::string_view m_text;
  Tokenizer m_tokens;
  Token m_token, m_previous, m_before;
  std::size_t m_segment = 0;     // where the statement, or what follows its last `=`, begins
  bool m_segment_begins = true;  // with the next token
  std::vector<std::string_view> m_targets;
  std::vector<Bracket> m_brackets;
  FunctionBody m_body;
};

}  // namespace

FunctionBody read_body(const Module& module, const Function& function) {
  const std::string_view source = *module.source;
  return BodyReader(source.substr(static_cast<std::size_t>(function.name.data() - source.data()))).read();
}

}  // namespace spyre::testsel::python
