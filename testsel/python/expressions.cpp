// SPDX-License-Identifier: Apache-2.0
// Expressions: the names they mention, the relevant calls, and no more grammar than "operands and operators alternate",
// which is enough to recognise texts that are not Python.
#include <algorithm>
#include <utility>

#include "testsel/python/structure_reader.hpp"

namespace spyre::testsel::python {
namespace {

bool is_open(TokenKind kind) {
  return kind == TokenKind::open_paren || kind == TokenKind::open_bracket || kind == TokenKind::open_brace;
}

// Return whether an expression cannot end with this token.
bool wants_operand(TokenKind kind) {
  switch (kind) {
    case TokenKind::dot:
    case TokenKind::assign:
    case TokenKind::at:
    case TokenKind::star:
    case TokenKind::sign:
    case TokenKind::binary:
    case TokenKind::augment:
    case TokenKind::walrus:
    case TokenKind::arrow:
    case TokenKind::kw_as:
    case TokenKind::kw_await:
    case TokenKind::kw_else:
    case TokenKind::kw_for:
    case TokenKind::kw_if:
    case TokenKind::kw_in:
    case TokenKind::kw_infix:
    case TokenKind::kw_lambda:
    case TokenKind::kw_not:
      return true;
    default:
      return false;
  }
}

// `(name: type = …)`: the token before "type" distinguishes it from the name of an argument.
bool is_annotation(TokenKind before) {
  return before != TokenKind::open_paren && before != TokenKind::comma && before != TokenKind::kw_lambda;
}

bool is_namespace(std::string_view name) {
  return name == "globals" || name == "locals" || name == "vars";
}

}  // namespace

// Read until the token that ends the expression is the current one.
bool StructureReader::expression(Until until) {
  const std::size_t close_depth = m_tokens.depth() - (until == Until::close ? 1 : 0);
  m_lambdas = 0;
  while (true) {
    switch (m_token.kind) {
      case TokenKind::newline:
      case TokenKind::semicolon:
        return ends_here(until);
      case TokenKind::kw_lambda:
        if (m_operand) return fail("invalid syntax");
        if (m_tokens.depth() == 0) ++m_lambdas;
        if (!advance()) return false;
        break;
      case TokenKind::colon: {
        bool done = false;
        if (!colon(until, done)) return false;
        if (done) return true;
        break;
      }
      case TokenKind::close:
        if (wants_operand(m_previous.kind)) return fail("invalid syntax");
        m_operand = true;
        if (until == Until::close && m_tokens.depth() == close_depth) return true;
        finish_call();
        if (!advance()) return false;
        break;
      case TokenKind::open_brace:
        if (m_operand) return fail("invalid syntax");
        [[fallthrough]];
      case TokenKind::open_paren:
      case TokenKind::open_bracket:
        m_operand = false;
        if (!advance()) return false;
        break;
      default:
        if (m_token.kind <= TokenKind::field_end ? !operand() : !operation()) return false;
    }
  }
}

bool StructureReader::ends_here(Until until) {
  if (m_tokens.depth() > 0 || m_lambdas > 0 || wants_operand(m_previous.kind)) return fail("invalid syntax");
  return until == Until::end || fail("expected ':'");
}

bool StructureReader::colon(Until until, bool& done) {
  const bool of_statement = m_tokens.depth() == 0 && m_lambdas == 0;
  if (of_statement && until == Until::header) {
    done = true;
    return true;
  }
  if (m_tokens.depth() == 0 && m_lambdas > 0) --m_lambdas;
  if (of_statement && m_previous.begin == m_segment.begin && m_previous.kind == TokenKind::name && !m_previous.dotted) {
    m_annotated = m_previous;
  }
  m_operand = false;
  if (!advance()) return false;
  if (!of_statement || m_token.kind != TokenKind::newline) return true;
  if (text(m_statement) != "match") return fail("invalid syntax");
  m_opens_cases = done = true;
  return true;
}

bool StructureReader::operand() {
  switch (m_token.kind) {
    case TokenKind::name:
      return m_operand ? fail("invalid syntax") : mention();
    case TokenKind::string:
    case TokenKind::string_begin: {
      const bool continues = m_previous.kind == TokenKind::string || m_previous.kind == TokenKind::string_end;
      if (m_operand && !continues) return fail("invalid syntax");
      m_operand = m_token.kind == TokenKind::string;
      if (m_operand && m_in_function) keep_library();
      return advance();
    }
    case TokenKind::field_begin:
      m_operand = false;
      return advance();
    case TokenKind::field_end:
      if (m_previous.kind == TokenKind::field_begin || wants_operand(m_previous.kind)) return fail("invalid syntax");
      m_operand = false;
      return advance();
    case TokenKind::string_end:
      m_operand = true;
      return advance();
    default:
      if (m_operand) return fail("invalid syntax");
      m_operand = true;
      return advance();
  }
}

void StructureReader::keep_library() {
  std::string_view name = text(m_token);
  const char quote = name.back();
  name = name.substr(0, name.find_last_not_of(quote) + 1);
  if (!name.ends_with(".so")) return;
  name.remove_prefix(name.find(quote));
  name.remove_prefix(std::min(name.find_first_not_of(quote), name.size()));
  m_module.libraries.push_back({name, m_token.line});
}

bool StructureReader::operation() {
  const TokenKind before = m_previous.kind;
  switch (m_token.kind) {
    case TokenKind::dot:
      return m_operand ? attribute() : fail("invalid syntax");
    case TokenKind::assign:  // `a, = b` is fine
      return m_operand || before == TokenKind::comma ? assignment() : fail("invalid syntax");
    case TokenKind::comma:
      if (is_open(before) || before == TokenKind::comma) return fail("invalid syntax");
      if (before != TokenKind::star && wants_operand(before)) return fail("invalid syntax");
      break;
    case TokenKind::slash:  // also the mark in `def f(a, /)`
      if (!m_operand && before != TokenKind::comma) return fail("invalid syntax");
      break;
    case TokenKind::star:
    case TokenKind::sign:
    case TokenKind::kw_not:
    case TokenKind::kw_from:
      break;
    case TokenKind::kw_in:
      if (!m_operand && before != TokenKind::kw_not && before != TokenKind::comma) return fail("invalid syntax");
      break;
    case TokenKind::augment:
      return m_operand ? augmented_assignment() : fail("invalid syntax");
    case TokenKind::at:
    case TokenKind::binary:
    case TokenKind::walrus:
    case TokenKind::arrow:
    case TokenKind::kw_as:
    case TokenKind::kw_else:
    case TokenKind::kw_for:
    case TokenKind::kw_if:
    case TokenKind::kw_infix:
      if (!m_operand) return fail("invalid syntax");
      break;
    case TokenKind::kw_await:
    case TokenKind::kw_yield:
      if (m_operand) return fail("invalid syntax");
      break;
    case TokenKind::kw_async:  // [x async for x in y]
      if (!advance()) return false;
      if (!m_operand || m_token.kind != TokenKind::kw_for) return fail("invalid syntax");
      break;
    default:
      return fail("invalid syntax");
  }
  m_operand = false;
  return advance();
}

// Read from an open bracket past the closing one.
bool StructureReader::brackets(std::string_view& inside) {
  const std::uint32_t begin = m_token.end;
  if (!expression(Until::close)) return false;
  inside = slice(begin, m_token.begin);
  return advance();
}

bool StructureReader::dotted_name(std::string_view& name) {
  if (m_token.kind != TokenKind::name) return fail("expected a name");
  name = text(m_token);
  if (!advance()) return false;
  if (m_token.kind != TokenKind::dot) return true;
  std::string joined(name);  // it is written in several pieces
  while (m_token.kind == TokenKind::dot) {
    if (!advance()) return false;
    if (m_token.kind != TokenKind::name) return fail("expected a name");
    joined.append(1, '.').append(text(m_token));
    if (!advance()) return false;
  }
  name = make_text(std::move(joined));
  return true;
}

bool StructureReader::mention() {
  const Token token = m_token;
  const Token before = m_previous;
  const std::size_t depth = m_tokens.depth();
  std::string_view name;
  if (!dotted_name(name)) return false;
  m_operand = true;
  if (m_token.kind == TokenKind::assign && depth > 0 && !is_annotation(before.kind)) return true;  // f(name=…)
  const bool calls = m_token.kind == TokenKind::open_paren;
  if (m_in_function) m_names.add(name, calls);
  if (calls) {
    called(name, token);
  } else if (depth < m_callees.size() && !m_callees[depth].empty()) {
    m_generators.given(m_callees[depth], name);
  }
  if (m_setattr_paren != 0 && before.begin == m_setattr_paren) {
    m_generators.attribute_set(name, scope(), m_module);
  }
  return true;
}

// `.name` after an operand that is not a name.
bool StructureReader::attribute() {
  const Token dot = m_token;
  if (!advance()) return false;
  const Token first = m_token;
  std::string_view name;
  if (!dotted_name(name)) return false;
  const bool one_piece = first.begin == dot.end && name.data() == m_module.source->data() + first.begin;
  name = one_piece ? slice(dot.begin, first.end) : make_text("." + std::string(name));
  const bool calls = m_token.kind == TokenKind::open_paren;
  if (m_in_function) m_names.add(name, calls);
  if (calls) called(name, first);
  return true;
}

void StructureReader::called(std::string_view name, const Token& token) {
  if (name == "setattr") m_setattr_paren = m_token.begin;
  if (in_method()) return;  // the contents of methods do not matter here
  m_callees.resize(m_tokens.depth() + 1);
  m_callees.back() = name;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (last.starts_with("instantiate_")) {
    if (!m_call) m_call = WantedCall{name, token.line, m_tokens.depth(), m_token.end};
  } else if (name == "exec" || (name == ".update" && is_namespace(text(m_statement)))) {
    m_generators.names_made(scope(), m_module);
  }
}

// At the bracket that closes it.
void StructureReader::finish_call() {
  if (m_callees.size() > m_tokens.depth()) m_callees.resize(m_tokens.depth() + 1);
  if (!m_call || m_tokens.depth() != m_call->depth - 1) return;
  Instantiation made{m_call->function, {}, tidy(slice(m_call->begin, m_token.begin)), m_call->line};
  const auto arguments = positional_arguments(made.arguments);
  if (!arguments.empty() && arguments.front().find_first_of("([{\"' *") == std::string_view::npos) {
    made.target = arguments.front();
  }
  m_module.instantiations.push_back(made);
  m_call.reset();
}

bool StructureReader::assignment() {
  if (m_tokens.depth() > 0 || m_lambdas > 0) {  // of an argument, or its default
    m_operand = false;
    return advance();
  }
  if (m_annotated) {
    m_targets.push_back(*std::exchange(m_annotated, {}));
  } else if (m_previous.kind == TokenKind::name && m_previous.begin == m_segment.begin) {
    if (m_previous.dotted) {
      m_generators.attribute_assigned(text(m_previous));
    } else {
      m_targets.push_back(m_previous);
    }
  } else if (text(m_previous) == "]" && is_namespace(text(m_segment))) {
    m_generators.names_made(scope(), m_module);
  }
  m_operand = false;
  if (!advance()) return false;
  m_segment = m_token;
  return true;
}

bool StructureReader::augmented_assignment() {
  const bool whole = m_previous.kind == TokenKind::name && m_previous.begin == m_statement.begin && !m_previous.dotted;
  if (whole && text(m_token) == "+=") {
    m_targets.push_back(m_previous);
    m_extends = true;
  }
  m_operand = false;
  if (!advance()) return false;
  if (m_extends) m_segment = m_token;
  return true;
}

}  // namespace spyre::testsel::python
