// SPDX-License-Identifier: Apache-2.0
// The similarity of file names: torch/nn/modules/pooling.py and test/nn/test_pooling.py.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace spyre::testsel {

// Return the words of a path in lower case: directories, and the file's name without its extension, cut at '_', '-',
// '.' and between "AbcDef"; plurals as singulars; without "test", "init", and the directory "torch" at the top.
std::set<std::string> name_parts(std::string_view path);

// The rarity of words among some paths.
class Kinship {
 public:
  explicit Kinship(const std::vector<std::string>& test_paths);

  struct Likeness {
    double strength = 0;              // [0, 1]: the cosine between the words; rare words count more
    std::vector<std::string> shared;  // rarest first
  };
  // Compare a path with one of the test paths, given by its index.
  Likeness compare(const std::set<std::string>& parts, std::size_t test) const;

 private:
  double weight(const std::string& part) const;
  double length(const std::set<std::string>& parts) const;
  std::vector<std::set<std::string>> m_parts;  // by test path
  std::unordered_map<std::string, std::size_t> m_counts;
};

}  // namespace spyre::testsel
