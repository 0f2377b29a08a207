// SPDX-License-Identifier: Apache-2.0
#include "testsel/kinship.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>

#include "testsel/clue.hpp"

namespace spyre::testsel {
namespace {

bool is(int (*kind)(int), char c) {
  return kind(static_cast<unsigned char>(c)) != 0;
}

void add_word(std::set<std::string>& words, std::string& word) {
  constexpr std::size_t shortest_plural = 3;
  if (word.size() >= shortest_plural && word.ends_with('s') && !word.ends_with("ss")) word.pop_back();
  if (!word.empty() && word != "test" && word != "init") words.insert(word);
  word.clear();
}

}  // namespace

std::set<std::string> name_parts(std::string_view path) {
  if (path.starts_with("torch/")) path.remove_prefix(6);
  const std::size_t name = path.rfind('/') + 1;
  const std::size_t ending = path.rfind('.');
  if (ending != std::string_view::npos && ending > name) path = path.substr(0, ending);
  std::set<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool starts = is(std::isupper, path[i]) && i > 0 && is(std::islower, path[i - 1]);
    if (starts || !is(std::isalnum, path[i])) add_word(words, word);
    if (is(std::isalnum, path[i])) word += static_cast<char>(std::tolower(static_cast<unsigned char>(path[i])));
  }
  add_word(words, word);
  return words;
}

Kinship::Kinship(const std::vector<std::string>& test_paths) {
  for (const std::string& path : test_paths) {
    for (const std::string& part : m_parts.emplace_back(name_parts(path))) ++m_counts[part];
  }
}

double Kinship::weight(const std::string& part) const {
  const auto count = m_counts.find(part);
  return rarity(count == m_counts.end() ? 1 : count->second, m_parts.size());
}

double Kinship::length(const std::set<std::string>& parts) const {
  double sum = 0;
  for (const std::string& part : parts) sum += weight(part) * weight(part);
  return std::sqrt(sum);
}

Kinship::Likeness Kinship::compare(const std::set<std::string>& parts, std::size_t test) const {
  Likeness likeness;
  const std::set<std::string>& others = m_parts[test];
  std::set_intersection(parts.begin(), parts.end(), others.begin(), others.end(), std::back_inserter(likeness.shared));
  if (likeness.shared.empty()) return likeness;
  double product = 0;
  for (const std::string& part : likeness.shared) product += weight(part) * weight(part);
  likeness.strength = std::min(1., product / (length(parts) * length(others)));
  std::stable_sort(likeness.shared.begin(), likeness.shared.end(),
                   [this](const std::string& a, const std::string& b) { return weight(a) > weight(b); });
  return likeness;
}

}  // namespace spyre::testsel
