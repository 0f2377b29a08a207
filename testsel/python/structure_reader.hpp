// SPDX-License-Identifier: Apache-2.0
// The reader's implementation: one pass over the tokens, a stack of blocks, no recursion.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testsel/python/generators.hpp"
#include "testsel/python/module.hpp"
#include "testsel/python/name_set.hpp"
#include "testsel/python/tokenizer.hpp"

namespace spyre::testsel::python {

class StructureReader {
 public:
  // `module` contains only its source.
  explicit StructureReader(Module& module) : m_module(module), m_tokens(*module.source) {}

  // Fill the module. Return false if the source has an error.
  bool read();
  const std::string& error() const { return m_error; }
  std::size_t error_offset() const { return m_error_offset; }

 private:
  enum class Until {
    end,     // of a simple statement: newline or semicolon
    header,  // the colon that begins a block
    close,   // the bracket that closes the one before
  };
  struct Block {
    Scope scope;
    const Guard* guard = nullptr;   // of what is defined in it
    std::string_view condition;     // of an `if` in a function
    bool cases = false;             // of a match statement
    std::size_t defines = none;     // index of the class whose body this is
    bool ends_function = false;     // it is the body of m_function
    const Guard* branch = nullptr;  // of the last `if` or `elif` in it, to which an `else` may belong
  };
  // A call whose arguments are needed.
  struct WantedCall {
    std::string_view function;
    int line;
    std::size_t depth;  // within its brackets
    std::uint32_t begin;
  };

  // Statements (structure_reader.cpp)
  bool statement();
  bool block_statement();
  const Guard* guard_of_block(const Token& keyword, std::string_view header);
  bool simple_statements(bool inline_body);
  bool simple_statement();
  bool soft_keyword();
  bool decorator();
  bool class_definition();
  bool function_definition(bool async, int line);
  bool import_statement();
  bool from_statement();
  void import_name(Import import, const Token& statement);
  bool body(Block block);
  bool indented_body(Block block);
  void close_block();
  void keep_assignments();
  void keep_made_test(const Token& target, std::string_view value);
  void keep_call();
  void keep_skip();

  // Expressions (expressions.cpp)
  bool expression(Until until);
  bool ends_here(Until until);
  bool colon(Until until, bool& done);
  bool operand();
  bool operation();
  void keep_library();
  bool bracket();
  bool brackets(std::string_view& inside);
  bool dotted_name(std::string_view& name);
  bool mention();
  bool attribute();
  bool assignment();
  bool augmented_assignment();
  bool in_method() const { return m_in_function && scope().class_index != none; }
  void called(std::string_view name, const Token& token);
  void finish_call();

  // Texts (texts.cpp)
  std::string_view make_text(std::string text);
  std::string_view tidy(std::string_view text);
  std::vector<std::string_view> positional_arguments(std::string_view arguments);

  bool advance();
  bool at_statement_end() const { return m_token.kind == TokenKind::newline || m_token.kind == TokenKind::semicolon; }
  bool fail(std::string why);
  bool fail_at(const Token& token, std::string why);
  std::string_view text(const Token& token) const { return m_tokens.text(token); }
  std::string_view slice(std::uint32_t begin, std::uint32_t end) const {
    return std::string_view(*m_module.source).substr(begin, end - begin);
  }
  const Scope& scope() const { return m_blocks.back().scope; }
  bool at_module_level() const { return !m_in_function && scope().class_index == none; }
  Block inner_block() const { return {scope(), m_blocks.back().guard, {}}; }

  Module& m_module;
  Tokenizer m_tokens;
  Token m_token;     // the current one
  Token m_previous;  // the one before
  std::vector<Block> m_blocks;
  std::vector<Decorator> m_decorators;  // of the definition that follows
  Function m_function;                  // the outermost function being read
  NameSet m_names;                      // mentioned in it
  int m_statement_end = 0;              // line on which the last statement ended
  bool m_decorated = false;
  bool m_in_function = false;

  // Of the simple statement being read
  Token m_statement;             // its first token
  Token m_segment;               // the first one after the last `=`
  std::vector<Token> m_targets;  // `a = b = …`
  std::size_t m_lambdas = 0;     // outside brackets, whose colon is still to come
  std::optional<Token> m_annotated;
  std::optional<Token> m_maybe_keyword;  // `match (x)`: a call unless the line ends with a colon
  bool m_extends = false;                // `a += …`
  bool m_operand = false;                // the current token follows an operand
  bool m_opens_cases = false;            // it was `match …:`

  std::optional<WantedCall> m_call;
  std::vector<std::string_view> m_callees;  // what the open brackets call, by depth; outside methods
  std::uint32_t m_setattr_paren = 0;        // offset of the bracket of the last call of setattr
  Generators m_generators;
  std::string m_error;
  std::size_t m_error_offset = 0;
};

}  // namespace spyre::testsel::python
