// SPDX-License-Identifier: Apache-2.0
#include "testsel/selection_diff.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

// Return "TestTorch::test_sum" for "test/test_torch.py::TestTorch::test_sum".
std::string_view within_file(std::string_view id) {
  const std::size_t colons = id.find("::");
  return colons == std::string_view::npos ? std::string_view{} : id.substr(colons + 2);
}
std::string_view around(std::string_view id) {
  return id.substr(0, id.rfind("::"));
}
std::string_view name_of_test(std::string_view id) {
  return id.substr(around(id).size());
}

// The new places of a manifest's tests whose ids are gone.
class Whereabouts {
 public:
  explicit Whereabouts(const Inventory& inventory) {
    for (const TestFile& file : inventory.files) {
      for (const Test& test : file.tests) {
        m_ids.insert(test.id);
        m_by_name[std::string(within_file(test.id))].push_back(test.id);
        m_by_place[std::string(around(test.id))].push_back(test.id);
      }
    }
  }

  bool exists(const std::string& id) const { return m_ids.contains(id); }

  // Return the only test with the same class and name in another file. Two candidates are ambiguous.
  std::optional<std::string> moved(const std::string& id) const {
    const auto found = m_by_name.find(std::string(within_file(id)));
    if (found == m_by_name.end() || found->second.size() != 1) return std::nullopt;
    return found->second.front();
  }

  // Return a test in the same class with a similar name that `known` does not have.
  std::optional<std::string> renamed(const std::string& id, const std::set<std::string>& known) const {
    const auto found = m_by_place.find(std::string(around(id)));
    if (found == m_by_place.end()) return std::nullopt;
    std::vector<std::string> names;
    for (const std::string& candidate : found->second) {
      if (!known.contains(candidate)) names.emplace_back(name_of_test(candidate));
    }
    const std::string name = nearest(name_of_test(id), names);
    if (name.empty()) return std::nullopt;
    return std::string(around(id)) + name;
  }

 private:
  std::set<std::string> m_ids;
  std::map<std::string, std::vector<std::string>> m_by_name, m_by_place;
};

std::set<std::string> ids_of(const Selection& selection) {
  std::set<std::string> ids;
  for (const SelectedTest& test : selection.tests) ids.insert(test.id);
  return ids;
}

}  // namespace

SelectionDiff compare(const Selection& manifest, const Selection& current, const Inventory& inventory) {
  const Whereabouts whereabouts(inventory);
  const std::set<std::string> was = ids_of(manifest), is = ids_of(current);
  SelectionDiff diff;
  std::set<std::string> explained;  // current tests that correspond to a test of the manifest
  for (const std::string& id : was) {
    if (is.contains(id)) continue;
    if (whereabouts.exists(id)) {
      diff.removed.push_back(id);
    } else if (const auto moved = whereabouts.moved(id); moved && !was.contains(*moved)) {
      diff.moved.push_back({id, *moved});
      explained.insert(*moved);
    } else if (const auto renamed = whereabouts.renamed(id, was); renamed && explained.insert(*renamed).second) {
      diff.renamed.push_back({id, *renamed});
    } else {
      diff.gone.push_back(id);
    }
  }
  for (const std::string& id : is) {
    if (!was.contains(id) && !explained.contains(id)) diff.added.push_back(id);
  }
  return diff;
}

Result<Selection> pin(const Selection& manifest, const Inventory& inventory) {
  const Whereabouts whereabouts(inventory);
  Selection pinned = manifest;
  pinned.revision = inventory.revision;
  pinned.tests.clear();
  std::set<std::string> taken;
  for (const SelectedTest& test : manifest.tests) {
    const auto moved = whereabouts.exists(test.id) ? std::optional(test.id) : whereabouts.moved(test.id);
    if (moved && taken.insert(*moved).second) pinned.tests.push_back({*moved, test.breadth, test.cards});
  }
  std::set<std::string> generators;
  for (const TestFile& file : inventory.files) generators.insert(file.generators.begin(), file.generators.end());
  std::erase_if(pinned.generators, [&](const std::string& unit) { return !generators.contains(unit); });
  pinned.totals.selected = pinned.tests.size();
  if (pinned.tests.empty() && pinned.generators.empty()) {
    return fail(ErrorKind::nothing_selected, "this revision has none of the manifest's tests");
  }
  return pinned;
}

nlohmann::json to_json(const SelectionDiff& diff) {
  const auto pairs = [](const std::vector<SelectionDiff::Pair>& list) {
    auto out = nlohmann::json::array();
    for (const SelectionDiff::Pair& pair : list) out.push_back({{"was", pair.was}, {"is", pair.is}});
    return out;
  };
  return {{"added", diff.added},
          {"removed", diff.removed},
          {"gone", diff.gone},
          {"moved", pairs(diff.moved)},
          {"renamed", pairs(diff.renamed)}};
}

std::string as_text(const SelectionDiff& diff) {
  std::string text;
  for (const std::string& id : diff.added) text += fmt::format("+ {}\n", id);
  for (const std::string& id : diff.removed) text += fmt::format("- {}\n", id);
  for (const std::string& id : diff.gone) text += fmt::format("! {} (not in this revision)\n", id);
  for (const auto& [was, is] : diff.moved) text += fmt::format("> {} (moved from {})\n", is, was);
  for (const auto& [was, is] : diff.renamed) text += fmt::format("~ {} (renamed from {}?)\n", is, was);
  return text;
}

}  // namespace spyre::testsel
