// SPDX-License-Identifier: Apache-2.0
// The names mentioned in a function, each once. Optimised for reading thousands of functions of one file in a row:
// nothing is freed or cleared between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace spyre::testsel::python {

class NameSet {
 public:
  // Add a name. The text of `name` outlives the set.
  void add(std::string_view name, bool called);
  // Return the names so far and those of them that are called, both in byte order, and forget them.
  std::pair<std::vector<std::string_view>, std::vector<std::string_view>> take();

 private:
  struct Entry {
    std::string_view name;
    std::uint64_t hash = 0;
    std::uint32_t mentioned_in = 0;  // the function, by number
    std::uint32_t called_in = 0;
  };
  Entry& find(std::string_view name);
  void grow();

  std::vector<Entry> m_entries;            // every name of the file so far
  std::vector<std::uint32_t> m_slots;      // open addressing: index into m_entries + 1, 0 for a free slot
  std::vector<std::uint32_t> m_mentioned;  // in this function
  std::size_t m_calls = 0;                 // how many of them are called
  std::uint32_t m_function = 1;
};

}  // namespace spyre::testsel::python
