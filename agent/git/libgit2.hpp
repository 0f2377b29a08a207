// SPDX-License-Identifier: Apache-2.0
// Owning handles for libgit2 and translation of its errors. Its own headers stay in the .cpp files.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "agent/core/result.hpp"

struct git_config;
struct git_diff;
struct git_index;
struct git_object;
struct git_odb;
struct git_odb_object;
struct git_reference;
struct git_remote;
struct git_repository;
struct git_tree;
struct git_tree_entry;

namespace spyre::git {

struct Free {
  void operator()(::git_config* config) const;
  void operator()(::git_diff* diff) const;
  void operator()(::git_index* index) const;
  void operator()(::git_object* object) const;
  void operator()(::git_odb* odb) const;
  void operator()(::git_odb_object* object) const;
  void operator()(::git_reference* reference) const;
  void operator()(::git_remote* remote) const;
  void operator()(::git_repository* repository) const;
  void operator()(::git_tree* tree) const;
  void operator()(::git_tree_entry* entry) const;
};

template <typename T>
using Handle = std::unique_ptr<T, Free>;

// Initialise the library; further calls do nothing. Call it before any other function of libgit2.
void start_libgit2();

// Return the error of the call that has just returned `code`, as "<what>: <reason>".
Error libgit2_error(int code, std::string_view what);

// Return the object that a function of libgit2 creates through its first argument, or its error.
template <typename T, typename... Parameters, typename... Arguments>
Result<Handle<T>> make(std::string_view what, int (*function)(T**, Parameters...), Arguments... arguments) {
  start_libgit2();
  T* made = nullptr;
  const int code = function(&made, arguments...);
  if (code < 0) return tl::make_unexpected(libgit2_error(code, what));
  return Handle<T>(made);
}

// Turn the return code of a libgit2 function into a result.
inline Result<void> checked(std::string_view what, int code) {
  if (code < 0) return tl::make_unexpected(libgit2_error(code, what));
  return {};
}

}  // namespace spyre::git
