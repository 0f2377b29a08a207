// SPDX-License-Identifier: Apache-2.0
// Errors are values. Every function that can fail returns Result<T>; no exception leaves a room.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace spyre {

// The kind of a failure: decides about retries and the program's exit code.
enum class ErrorKind {
  usage,             // wrong command line
  config,            // wrong configuration file
  invalid,           // an input document or a foreign file is malformed
  not_found,         // the named thing does not exist
  busy,              // held by another process
  io,                // the operating system refused: disk full, permission, …
  infra,             // the machine cannot run tests: no Python, no torch, no card
  nothing_selected,  // nothing to do: no test matches
  interrupted,       // stopped from outside
  internal,          // a defect of this program
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // what is wrong and where, one line
  std::string hint;     // what to do about it; may be empty
};

// A T or an Error. A class and not an alias, so that the compiler warns about an ignored result.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result() = default;
  // Convert the results of `map` and `map_error`.
  Result(Base other) : Base(std::move(other)) {}  // NOLINT(google-explicit-constructor)
};

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return tl::make_unexpected(Error{kind, std::move(message), std::move(hint)});
}

// Return the program's stable exit code (README, "Exit codes").
int exit_code(ErrorKind kind);

}  // namespace spyre

#define SPYRE_JOIN_(a, b) a##b
#define SPYRE_JOIN(a, b) SPYRE_JOIN_(a, b)
#define SPYRE_TRY_(tmp, decl, expr)                             \
  auto tmp = (expr);                                            \
  if (!tmp) return tl::make_unexpected(std::move(tmp).error()); \
  decl = std::move(*tmp)

// TRY(auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
#define TRY(decl, expr) SPYRE_TRY_(SPYRE_JOIN(try_, __COUNTER__), decl, expr)
// CHECK_OK(f()): the enclosing function returns f()'s error, if there is one.
#define CHECK_OK(expr)                                                                     \
  do {                                                                                     \
    if (auto check = (expr); !check) return tl::make_unexpected(std::move(check).error()); \
  } while (false)
