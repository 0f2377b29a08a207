// SPDX-License-Identifier: Apache-2.0
// How much the names of two files have in common: torch/nn/modules/pooling.py and test/nn/test_pooling.py.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spyre::testsel {

// The words of a path in lower case: directories, and the file's name without its ending, cut at '_', '-', '.', between
// "AbcDef"; plural as singular; without "test", "init", and the directory "torch" at the top.
std::set<std::string> name_parts(std::string_view path);

// Knows how rare words are among some paths.
class Kinship {
 public:
  explicit Kinship(const std::vector<std::string>& test_paths);

  struct Likeness {
    double strength = 0;              // [0, 1]: the cosine between the words, rare ones counting for more
    std::vector<std::string> shared;  // rarest first
  };
  // Of a path to one of the test paths, by its index there.
  Likeness compare(const std::set<std::string>& parts, std::size_t test) const;

 private:
  double weight(const std::string& part) const;
  double length(const std::set<std::string>& parts) const;
  std::vector<std::set<std::string>> m_parts;  // by test path
  std::unordered_map<std::string, std::size_t> m_counts;
};

}  // namespace spyre::testsel
