// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/structure_reader.hpp"

#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "testsel/python/arguments.hpp"
#include "testsel/python/characters.hpp"

namespace spyre::testsel::python {

namespace {
constexpr std::size_t most_skip_name = 32;  // `raise unittest.SkipTest` at its longest
}

bool StructureReader::advance() {
  m_previous = m_token;
  m_token = m_tokens.next();
  if (m_token.kind != TokenKind::error) return true;
  m_error = m_tokens.error();
  m_error_offset = m_tokens.error_offset();
  return false;
}

bool StructureReader::fail_at(const Token& token, std::string why) {
  m_error = std::move(why);
  m_error_offset = token.begin;
  return false;
}

bool StructureReader::fail(std::string why) {
  return fail_at(m_token, std::move(why));
}

bool StructureReader::read() {
  m_blocks.push_back({});
  if (!advance()) return false;
  while (m_token.kind != TokenKind::end) {
    switch (m_token.kind) {
      case TokenKind::dedent:
        if (m_decorated) return fail("a decorator without a function or class");
        close_block();
        if (!advance()) return false;
        break;
      case TokenKind::indent:
        return fail("unexpected indent");
      default:
        if (!statement()) return false;
    }
  }
  if (m_decorated) return fail("a decorator without a function or class");
  m_generators.conclude(m_module);
  return true;
}

bool StructureReader::statement() {
  const int line = m_token.line;
  if (m_blocks.back().cases && !(m_token.kind == TokenKind::name && text(m_token) == "case")) {
    return fail("expected 'case'");
  }
  switch (m_token.kind) {
    case TokenKind::at:
      return decorator();
    case TokenKind::kw_class:
      return class_definition();
    case TokenKind::kw_def:
      return function_definition(false, line);
    case TokenKind::kw_async:
      if (!advance()) return false;
      if (m_token.kind == TokenKind::kw_def) return function_definition(true, line);
      if (m_token.kind != TokenKind::kw_for && m_token.kind != TokenKind::kw_block) return fail("invalid syntax");
      break;
    default:
      break;
  }
  if (m_decorated) return fail("a decorator without a function or class");
  switch (m_token.kind) {
    case TokenKind::kw_if:
    case TokenKind::kw_for:
    case TokenKind::kw_else:
    case TokenKind::kw_block:
      return block_statement();
    case TokenKind::name:
      if (m_blocks.back().cases) return block_statement();
      return simple_statements(false);
    default:
      return simple_statements(false);
  }
}

bool StructureReader::block_statement() {
  const Token keyword = m_token;
  if (!advance()) return false;
  m_operand = false;
  if (m_token.kind == TokenKind::star && !advance()) return false;  // except*
  if (!expression(Until::header)) return false;
  Block block = inner_block();
  if (!m_in_function) {
    block.guard = guard_of_block(keyword, slice(keyword.end, m_token.begin));
  } else if (text(keyword) == "if") {
    block.condition = slice(keyword.end, m_token.begin);
  }
  return body(block);
}

// Return the guard of definitions in a block. Remembers a loop.
const Guard* StructureReader::guard_of_block(const Token& keyword, std::string_view header) {
  const Guard* outer = m_blocks.back().guard;
  const Guard* before = std::exchange(m_blocks.back().branch, nullptr);
  const std::string_view word = text(keyword);
  if (word == "else") {
    return before == nullptr
               ? outer
               : &m_module.guards.emplace_back(Guard{before->condition, true, before->outer, before->line});
  }
  if (word == "if" || word == "elif") {
    if (word == "elif" && before != nullptr) {
      outer = &m_module.guards.emplace_back(Guard{before->condition, true, before->outer, before->line});
    }
    return m_blocks.back().branch = &m_module.guards.emplace_back(Guard{tidy(header), false, outer, keyword.line});
  }
  if (word == "for" && at_module_level()) {
    constexpr std::string_view in = " in ";
    if (const std::size_t at = header.find(in); at != std::string_view::npos) {
      m_module.loops.push_back({tidy(header.substr(0, at)), tidy(header.substr(at + in.size())), keyword.line});
    }
  }
  return outer;
}

// Read from the colon on: the statements in the same line, or the lines below.
bool StructureReader::body(Block block) {
  if (!advance()) return false;
  if (m_token.kind == TokenKind::newline) return indented_body(block);
  m_blocks.push_back(block);
  if (!simple_statements(true)) return false;
  close_block();
  return true;
}

bool StructureReader::indented_body(Block block) {
  if (!advance()) return false;
  if (m_token.kind != TokenKind::indent) return fail("expected an indented block");
  m_blocks.push_back(block);
  return advance();
}

void StructureReader::close_block() {
  const Block block = m_blocks.back();
  m_blocks.pop_back();
  if (block.defines != none) m_module.classes[block.defines].end_line = m_statement_end;
  if (!block.ends_function) return;
  m_function.end_line = m_statement_end;
  std::tie(m_function.names, m_function.calls) = m_names.take();
  m_in_function = false;
  const std::size_t owner = scope().class_index;
  auto& functions = owner == none ? m_module.functions : m_module.classes[owner].functions;
  functions.push_back(std::exchange(m_function, {}));
}

// Read one line of statements.
bool StructureReader::simple_statements(bool inline_body) {
  while (true) {
    if (!simple_statement()) return false;
    if (m_opens_cases) {
      if (inline_body) return fail("invalid syntax");
      Block cases = inner_block();
      cases.cases = true;
      return indented_body(cases);
    }
    if (m_token.kind == TokenKind::semicolon && !advance()) return false;
    if (m_token.kind == TokenKind::newline) {
      m_statement_end = m_token.line;
      return advance();
    }
  }
}

bool StructureReader::simple_statement() {
  m_statement = m_segment = m_token;
  m_targets.clear();
  m_extends = false;
  m_annotated.reset();
  m_maybe_keyword.reset();
  m_operand = false;
  m_opens_cases = false;
  switch (m_token.kind) {
    case TokenKind::kw_import:
      return import_statement();
    case TokenKind::kw_from:
      return from_statement();
    case TokenKind::kw_statement:
      if (!advance()) return false;
      break;
    case TokenKind::name:
      if (!soft_keyword()) return false;
      break;
    case TokenKind::newline:
    case TokenKind::semicolon:
      return fail("invalid syntax");
    default:
      break;
  }
  if (!expression(Until::end)) return false;
  if (m_maybe_keyword && !m_opens_cases && m_in_function) {
    m_names.add(text(*m_maybe_keyword), slice(m_maybe_keyword->end, m_previous.end).starts_with('('));
  }
  keep_assignments();
  keep_call();
  if (!m_blocks.back().condition.empty()) keep_skip();
  return true;
}

// `match` and `type` are keywords if the following tokens say so, and names otherwise.
bool StructureReader::soft_keyword() {
  if (text(m_token) != "match" && text(m_token) != "type") return true;
  const Token name = m_token;
  if (!advance()) return false;
  switch (m_token.kind) {
    case TokenKind::name:
    case TokenKind::number:
    case TokenKind::constant:
    case TokenKind::string:
    case TokenKind::string_begin:
    case TokenKind::open_brace:
    case TokenKind::kw_await:
    case TokenKind::kw_lambda:
    case TokenKind::kw_not:
      return true;
    default:
      m_maybe_keyword = name;
      m_operand = true;
      return true;
  }
}

void StructureReader::keep_assignments() {
  if (m_targets.empty() || scope().in_function) return;
  if (m_extends && scope().class_index != none) return;
  auto& assignments = scope().class_index != none ? m_module.classes[scope().class_index].attributes
                      : m_extends                 ? m_module.extensions
                                                  : m_module.assignments;
  const std::string_view value = slice(m_segment.begin, m_previous.end);
  for (const Token& target : m_targets) {
    assignments.push_back({text(target), value, target.line});
    if (scope().class_index != none) keep_made_test(target, value);
  }
}

void StructureReader::keep_made_test(const Token& target, std::string_view value) {
  if (!text(target).starts_with("test")) return;
  if (value.starts_with('(')) {
    const auto items = split_items(value);
    value = items.size() == 1 ? items.front() : std::string_view{};
  }
  if (value.empty() || !is_name_start(value.front()) || value == "None" || value == "True" || value == "False") return;
  Tokenizer tokens(value, true);
  Token before;
  for (Token token = tokens.next(); token.kind < TokenKind::newline; before = token, token = tokens.next()) {
    if (before.kind == TokenKind::name) m_names.add(tokens.text(before), token.kind == TokenKind::open_paren);
  }
  if (before.kind == TokenKind::name) m_names.add(tokens.text(before), false);
  Function made{text(target), target.line, m_previous.line, false, m_blocks.back().guard, {}, {}, {}};
  std::tie(made.names, made.calls) = m_names.take();
  m_module.classes[scope().class_index].made_tests.push_back(std::move(made));
}

// Read calls that are a statement, and `del`.
void StructureReader::keep_call() {
  if (!at_module_level() || !m_targets.empty()) return;
  if (m_statement.kind == TokenKind::kw_statement && text(m_statement) == "del") {
    for (const std::string_view name : positional_arguments(slice(m_statement.end, m_previous.end))) {
      m_module.deleted.push_back(name);
    }
  }
  if (m_statement.kind != TokenKind::name || text(m_previous) != ")") return;
  const std::string_view rest = slice(m_statement.end, m_previous.begin);
  if (!rest.starts_with('(')) return;
  m_module.calls.push_back({text(m_statement), rest.substr(1), m_statement.line, m_blocks.back().guard});
}

// Recognises the ways of unittest and pytest to skip a running test.
void StructureReader::keep_skip() {
  const std::string_view first = text(m_statement);
  const bool skips = m_statement.kind == TokenKind::name
                         ? first.ends_with(".skipTest") || first == "pytest.skip"
                         : first == "raise" && slice(m_statement.end, m_previous.end).find("SkipTest") < most_skip_name;
  if (skips) m_module.skips.push_back({tidy(m_blocks.back().condition), m_statement.line});
}

bool StructureReader::decorator() {
  Decorator decorator;
  decorator.line = m_token.line;
  m_decorated = true;
  m_operand = false;
  if (!advance()) return false;
  if (m_token.kind == TokenKind::name) {
    const Token name = m_token;
    if (!dotted_name(decorator.name)) return false;
    decorator.line = name.line;
    if (m_in_function) m_names.add(decorator.name, m_token.kind == TokenKind::open_paren);
    m_operand = true;
    if (m_token.kind == TokenKind::open_paren) {
      std::string_view arguments;
      if (!brackets(arguments)) return false;
      if (!m_in_function) decorator.arguments = tidy(arguments);
    }
  }
  if (!expression(Until::end)) return false;
  if (m_token.kind != TokenKind::newline) return fail("invalid syntax");
  if (!m_in_function) m_decorators.push_back(decorator);
  return advance();
}

bool StructureReader::class_definition() {
  m_decorated = false;
  Class made;
  made.line = m_token.line;
  if (!advance()) return false;
  if (m_token.kind != TokenKind::name || m_token.dotted) return fail("expected the name of a class");
  made.name = text(m_token);
  if (m_in_function) m_names.add(made.name, false);
  if (!advance()) return false;
  std::string_view inside;
  if (m_token.kind == TokenKind::open_bracket && !brackets(inside)) return false;
  inside = {};
  if (m_token.kind == TokenKind::open_paren && !brackets(inside)) return false;
  if (m_token.kind != TokenKind::colon) return fail("expected ':'");
  if (m_in_function) return body(inner_block());

  made.guard = m_blocks.back().guard;
  made.bases = positional_arguments(inside);
  made.decorators = std::exchange(m_decorators, {});
  const std::size_t outer = scope().class_index;
  if (outer != none) made.name = make_text(fmt::format("{}.{}", m_module.classes[outer].name, made.name));
  for (const Decorator& decorator : made.decorators) {
    m_generators.given(decorator.name, made.name);
  }
  m_module.classes.push_back(std::move(made));
  const std::size_t index = m_module.classes.size() - 1;
  Block block = inner_block();
  block.scope = {index, false, {}};
  block.defines = index;
  return body(block);
}

bool StructureReader::function_definition(bool async, int line) {
  m_decorated = false;
  if (!advance()) return false;
  if (m_token.kind != TokenKind::name || m_token.dotted) return fail("expected the name of a function");
  const std::string_view name = text(m_token);
  if (m_in_function) m_names.add(name, false);
  if (!advance()) return false;
  if (m_token.kind != TokenKind::open_paren && m_token.kind != TokenKind::open_bracket) return fail("expected '('");
  m_operand = true;
  if (!expression(Until::header)) return false;

  Block block = inner_block();
  block.scope.in_function = true;
  if (!m_in_function) {
    m_function = Function{name, line, 0, async, block.guard, std::exchange(m_decorators, {}), {}, {}};
    m_in_function = true;
    if (scope().class_index == none) block.scope.function = name;
    block.ends_function = true;
  }
  return body(block);
}

bool StructureReader::import_statement() {
  const Token statement = m_token;
  do {
    if (!advance()) return false;
    Import import;
    if (!dotted_name(import.module)) return false;
    import.alias = import.module.substr(0, import.module.find('.'));
    if (m_token.kind == TokenKind::kw_as && (!advance() || !dotted_name(import.alias))) return false;
    import_name(import, statement);
  } while (m_token.kind == TokenKind::comma);
  return at_statement_end() || fail("invalid syntax");
}

bool StructureReader::from_statement() {
  const Token statement = m_token;
  if (!advance()) return false;
  const Token first = m_token;
  std::string dots;
  for (; m_token.kind == TokenKind::dot || text(m_token) == "..."; dots += text(m_previous)) {
    if (!advance()) return false;
  }
  std::string_view module = slice(first.begin, dots.empty() ? first.begin : m_previous.end);
  if (m_token.kind == TokenKind::name || dots.empty()) {
    if (!dotted_name(module)) return false;
    if (!dots.empty()) module = slice(first.begin, m_previous.end);
  }
  if (!dots.empty() && module.find_first_of(" \t\f\\\n") != std::string_view::npos) {
    std::string joined;  // rare: "from . . a import b"
    for (const char c : module) {
      if (c == '.' || is_name_part(c)) joined += c;
    }
    module = make_text(std::move(joined));
  }
  if (m_token.kind != TokenKind::kw_import) return fail("expected 'import'");
  if (!advance()) return false;
  if (m_token.kind == TokenKind::star) {
    import_name({module, "*", {}, 0, false}, statement);
    if (!advance()) return false;
    return at_statement_end() || fail("invalid syntax");
  }
  const bool bracketed = m_token.kind == TokenKind::open_paren;
  if (bracketed && !advance()) return false;
  while (m_token.kind == TokenKind::name) {
    Import import{module, text(m_token), text(m_token), 0, false};
    if (!advance()) return false;
    if (m_token.kind == TokenKind::kw_as && (!advance() || !dotted_name(import.alias))) return false;
    import_name(import, statement);
    if (m_token.kind != TokenKind::comma) break;
    if (!advance()) return false;
  }
  if (bracketed) {
    if (m_token.kind != TokenKind::close) return fail("invalid syntax");
    if (!advance()) return false;
  } else if (m_previous.kind != TokenKind::name) {
    return fail("expected a name to import");
  }
  return at_statement_end() || fail("invalid syntax");
}

void StructureReader::import_name(Import import, const Token& statement) {
  import.line = statement.line;
  import.deferred = m_in_function;
  if (m_in_function) {
    m_names.add(import.module, false);
    if (!import.name.empty() && import.name != "*") m_names.add(import.name, false);
    if (!import.alias.empty()) m_names.add(import.alias, false);
  }
  m_module.imports.push_back(import);
}

}  // namespace spyre::testsel::python
