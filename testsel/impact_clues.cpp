// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact_clues.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "testsel/clue_finders.hpp"
#include "testsel/python/reader.hpp"

namespace spyre::testsel {
namespace {

bool is_python(std::string_view path) {
  return path.ends_with(".py");
}

// Return nothing if the file does not exist or is not Python.
Result<std::optional<python::Module>> read_python(const FileTree& tree, const std::string& path) {
  auto text = tree.read(path);
  if (!text && text.error().kind == ErrorKind::not_found) return std::nullopt;
  if (!text) return tl::make_unexpected(std::move(text).error());
  auto module = python::read_module(std::move(*text));
  if (!module) return std::nullopt;
  return std::optional(std::move(*module));
}

Result<FileEdits> edits_of(const Change::File& file, const Change& change, const FileTree& tree) {
  FileEdits edits{file.path, {}, false};
  TRY(const auto after, read_python(tree, file.path));
  std::optional<python::Module> before;
  if (change.before != nullptr && !file.old_path.empty()) {
    TRY(before, read_python(*change.before, file.old_path));
  }
  if (after && before) {
    edits.edits = source_edits(*before, *after);
    edits.compared = true;
  } else if (after || before) {
    edits.edits = all_of(after ? *after : *before);
    edits.compared = change.before != nullptr;
  }
  return edits;
}

Result<std::vector<FileEdits>> edits_of(const Change& change, const FileTree& tree, const Clues& clues) {
  std::vector<FileEdits> edits;
  for (const Change::File& file : change.files) {
    if (!is_python(file.path) || clues.ignored.contains(file.path)) continue;
    TRY(FileEdits one, edits_of(file, change, tree));
    edits.push_back(std::move(one));
  }
  return edits;
}

}  // namespace

std::vector<std::string> Change::paths() const {
  std::set<std::string> paths;
  for (const File& file : files) {
    for (const std::string& path : {file.path, file.old_path}) {
      if (!path.empty()) paths.insert(path);
    }
  }
  return {paths.begin(), paths.end()};
}

Result<Clues> find_clues(const Change& change, const ImpactKnowledge& knowledge) {
  const Inventory& inventory = *knowledge.inventory;
  Clues clues;
  clues.of_files.resize(inventory.files.size());
  std::vector<std::string> changed = change.paths();
  for (const std::string& path : changed) {
    if (const ImpactRule* rule = knowledge.rules.why_nothing(path)) {
      clues.ignored.emplace(path, fmt::format("{}: {}", rule->where, rule->note));
    }
  }
  std::erase_if(changed, [&](const std::string& path) { return clues.ignored.contains(path); });
  TRY(const std::vector<FileEdits> edits, edits_of(change, *knowledge.after, clues));
  find_edited(edits, inventory, clues);
  find_mentions(edits, inventory, clues);
  if (std::any_of(changed.begin(), changed.end(), is_python)) {
    TRY(const ImportGraph graph, ImportGraph::read(*knowledge.after, inventory));
    find_imports(changed, graph, inventory, clues);
  }
  find_rules(changed, knowledge.rules, inventory, clues);
  find_profiled(changed, knowledge.profile, inventory, clues);
  find_kin(changed, inventory, clues);
  find_failures(knowledge.failures, inventory, clues);
  return clues;
}

}  // namespace spyre::testsel
