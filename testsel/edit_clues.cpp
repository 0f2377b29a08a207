// SPDX-License-Identifier: Apache-2.0
// Clues from changed definitions: edited tests, and tests that name an edited definition.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "testsel/clue_finders.hpp"

namespace spyre::testsel {
namespace {

using Kind = Clue::Kind;

Clue edited(double strength, const std::string& path, std::string why) {
  return {Kind::edited, strength, path, std::move(why)};
}

Clue edit_of(const Test& test, const FileEdits& file) {
  constexpr double itself = 1, its_class = 0.7, around = 0.5, others = 0.2;
  if (!file.compared) return edited(around, file.path, "its file was changed");
  const std::string_view owner = test.owner == nullptr ? std::string_view{} : test.owner->name;
  const std::string name =
      owner.empty() ? std::string(test.function->name) : fmt::format("{}.{}", owner, test.function->name);
  if (file.edits.functions.contains(name)) return edited(itself, file.path, "the test was changed");
  const bool helper =
      !owner.empty() && std::any_of(file.edits.functions.begin(), file.edits.functions.end(), [&](auto& f) {
        return f.starts_with(fmt::format("{}.", owner)) && !f.starts_with(fmt::format("{}.test", owner));
      });
  if (helper || file.edits.classes.contains(owner)) return edited(its_class, file.path, "its class was changed");
  const bool shared = std::any_of(file.edits.functions.begin(), file.edits.functions.end(),
                                  [](auto& f) { return f.find('.') == std::string::npos && !f.starts_with("test"); });
  if (shared || file.edits.elsewhere) return edited(around, file.path, "shared code of its file was changed");
  return edited(others, file.path, "other tests of its file were changed");
}

// Return the outermost names of changed definitions, as other files name them: "MaxPool2d" for "MaxPool2d.forward".
std::set<std::string_view> outer_names(const SourceEdits& edits) {
  std::set<std::string_view> names;
  for (const auto* group : {&edits.functions, &edits.classes}) {
    for (const std::string& name : *group) names.insert(std::string_view(name).substr(0, name.find('.')));
  }
  return names;
}

struct Mention {
  const FileEdits* file;
  std::string_view name;
  std::vector<const Test*> tests;
};

std::vector<Mention> mentions(const std::vector<FileEdits>& edits, const Inventory& inventory) {
  std::vector<Mention> found;
  std::unordered_multimap<std::string_view, std::size_t> by_name;
  for (const FileEdits& file : edits) {
    if (is_test_file(file.path)) continue;
    for (const std::string_view name : outer_names(file.edits)) {
      by_name.emplace(name, found.size());
      found.push_back({&file, name, {}});
    }
  }
  if (found.empty()) return found;
  for (const TestFile& file : inventory.files) {
    for (const Test& test : file.tests) {
      for (const std::string_view name : test.function->names) {
        const auto [first, last] = by_name.equal_range(name.substr(name.rfind('.') + 1));
        for (auto one = first; one != last; ++one) {
          std::vector<const Test*>& tests = found[one->second].tests;
          if (tests.empty() || tests.back() != &test) tests.push_back(&test);  // "F.relu" and "torch.relu"
        }
      }
    }
  }
  return found;
}

}  // namespace

void find_edited(const std::vector<FileEdits>& edits, const Inventory& inventory, Clues& clues) {
  for (const FileEdits& edit : edits) {
    if (edit.compared && edit.edits.none()) continue;  // only comments changed
    const auto file = std::find_if(inventory.files.begin(), inventory.files.end(),
                                   [&](const TestFile& one) { return one.path == edit.path; });
    if (file == inventory.files.end()) continue;
    for (const Test& test : file->tests) clues.of_tests[&test].push_back(edit_of(test, edit));
  }
}

void find_mentions(const std::vector<FileEdits>& edits, const Inventory& inventory, Clues& clues) {
  const std::size_t all = inventory.test_count();
  // Only the rarest name of a changed file counts: a file that defines many names is no better evidence than one with
  // few.
  std::unordered_map<const FileEdits*, std::unordered_map<const Test*, std::pair<double, std::string_view>>> best;
  for (const Mention& mention : mentions(edits, inventory)) {
    const double strength = rarity(mention.tests.size(), all);
    for (const Test* test : mention.tests) {
      auto& known = best[mention.file][test];
      if (strength > known.first) known = {strength, mention.name};
    }
  }
  for (const FileEdits& file : edits) {
    for (const auto& [test, mention] : best[&file]) {
      if (mention.first < least_strength) continue;
      clues.of_tests[test].push_back(
          {Kind::mentions, mention.first, file.path, fmt::format("names {} of {}", mention.second, file.path)});
    }
  }
}

}  // namespace spyre::testsel
