// SPDX-License-Identifier: Apache-2.0
// Patterns of the scope rules: compiled once, and each text matched once.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::testsel {

// A set of conditions, each of them "one of these patterns matches one of these texts".
inline constexpr std::size_t max_conditions = 512;
using Conditions = std::bitset<max_conditions>;

// The meaning of a glob. A pattern that starts with "re:" is an RE2 regular expression that may match anywhere in the
// text.
enum class Glob {
  path,    // the whole path: `*` any run of characters except '/', `**` any run, `?` one character, `[a-z]`, `[!a-z]`
  dotted,  // a dotted name, or its end from a dot on: "grad" and "autograd.grad" match "torch.autograd.grad"; `*` any
           // run of characters, `?` one character, `[a-z]`, `[!a-z]`
};

// The patterns over one kind of text.
class PatternTable {
 public:
  explicit PatternTable(Glob glob);
  PatternTable(PatternTable&&) noexcept;
  PatternTable& operator=(PatternTable&&) noexcept;
  ~PatternTable();

  // Add a pattern: texts that it matches satisfy `condition`. Call it before compile(). Error: config, without a place.
  Result<void> add(std::string_view pattern, std::size_t condition);
  void compile();
  bool empty() const;
  // Return the conditions that `text` satisfies. Safe to call from several threads.
  Conditions match(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> m_compiled;
};

// Remembers the results of a table, which outlives it. Most texts of a tree occur in it dozens of times, and most of
// them match nothing.
class PatternMemo {
 public:
  explicit PatternMemo(const PatternTable& table) : m_table(&table) {}
  Conditions match(std::string_view text);

 private:
  struct Known {
    std::uint64_t hash = 0;
    std::string text;
    std::size_t answer = 0;  // index into m_answers
  };
  void grow();

  const PatternTable* m_table;
  std::vector<Known> m_known;
  std::vector<std::uint32_t> m_slots;               // open addressing: index into m_known + 1, 0 for a free slot
  std::vector<Conditions> m_answers{Conditions{}};  // the first one is empty
};

}  // namespace spyre::testsel
