// SPDX-License-Identifier: Apache-2.0
#include "testsel/selection.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

// Return whether a pattern matches a unit: its id, or the file or class of the unit.
bool matches(std::string_view pattern, std::string_view id) {
  const std::size_t directory = id.substr(0, id.find("::")).rfind('/');
  const bool any_directory = pattern.find('/') == std::string_view::npos && directory != std::string_view::npos;
  const std::string_view from = any_directory ? id.substr(directory + 1) : id;
  for (std::size_t end = from.find("::"); end != std::string_view::npos; end = from.find("::", end + 2)) {
    if (glob_match(pattern, from.substr(0, end))) return true;
  }
  return glob_match(pattern, from);
}

void count(const Rulings& rulings, const Scope& scope, Selection::Totals& totals) {
  for (const Rulings::File& file : rulings.files) {
    for (const int ruling : file.tests) {
      ++totals.tests;
      if (in_scope(scope, ruling)) {
        ++totals.in_scope;
      } else {
        ++totals.excluded[scope.rules()[static_cast<std::size_t>(ruling)].reason];
      }
    }
    for (const int ruling : file.generators) {
      ++totals.generators.all;
      if (in_scope(scope, ruling)) ++totals.generators.in_scope;
    }
  }
}

std::vector<std::string> enabled_generators(const Inventory& inventory, const Scope& scope, const Rulings& rulings,
                                            const SelectOptions& options, const Share& share) {
  std::vector<std::string> enabled;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<std::string>& units = inventory.files[f].generators;
    for (std::size_t u = 0; u < units.size(); ++u) {
      const bool counts = in_scope(scope, rulings.files[f].generators[u]);
      if (counts && share.takes(units[u]) && is_wanted(options.only, units[u])) enabled.push_back(units[u]);
    }
  }
  std::sort(enabled.begin(), enabled.end());
  return enabled;
}

bool is_generator_in_scope(const std::string& id, const Inventory& inventory, const Scope& scope,
                           const Rulings& rulings) {
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<std::string>& units = inventory.files[f].generators;
    const auto found = std::find(units.begin(), units.end(), id);
    if (found == units.end()) continue;
    return in_scope(scope, rulings.files[f].generators[static_cast<std::size_t>(found - units.begin())]);
  }
  return false;
}

// A test that is named explicitly is wanted, whatever its facts are.
void include_demanded(const Inventory& inventory, const Evidence& evidence, Rulings& rulings) {
  if (evidence.demanded.empty()) return;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<Test>& tests = inventory.files[f].tests;
    for (std::size_t t = 0; t < tests.size(); ++t) {
      if (evidence.demanded.contains(tests[t].id)) rulings.files[f].tests[t] = Rulings::no_rule;
    }
  }
}

// Remove the tests that must not run.
void withhold(const SelectOptions& options, std::vector<const Test*>& order, Selection& selection) {
  std::erase_if(order, [&](const Test* test) {
    const auto found = options.notes.tests.find(test->id);
    if (found == options.notes.tests.end() || found->second.mode != Mode::skip) return false;
    if (is_wanted(options.only, test->id)) selection.withheld.push_back({test->id, found->second.reason});
    return true;
  });
  std::sort(selection.withheld.begin(), selection.withheld.end(),
            [](const WithheldTest& a, const WithheldTest& b) { return a.id < b.id; });
}

void note_selected(const TestNotes& notes, Selection& selection) {
  selection.notes.cases = notes.cases;
  for (const SelectedTest& test : selection.tests) {
    if (const auto found = notes.tests.find(test.id); found != notes.tests.end()) selection.notes.tests.insert(*found);
  }
}

tl::unexpected<Error> nothing(const Selection& selection, const SelectOptions& options) {
  const std::string asked =
      options.stage.empty() ? fmt::format("a share of {}", options.fraction) : fmt::format("stage {}", options.stage);
  if (options.fraction == 0) {
    return fail(ErrorKind::nothing_selected, fmt::format("{} enables no tests", asked), "choose a stage from 1 on");
  }
  if (!options.only.empty()) {
    return fail(ErrorKind::nothing_selected,
                fmt::format("no test that {} enables matches {}", asked, join(options.only, " or ")),
                "try --fraction 1; --explain TEST says why a test is in or out");
  }
  return fail(ErrorKind::nothing_selected, fmt::format("none of the {} tests is in scope", selection.totals.tests));
}

}  // namespace

SelectOptions SelectOptions::of(const Stage& stage) {
  SelectOptions options;
  options.stage = stage.id;
  options.fraction = stage.fraction;
  return options;
}

bool is_wanted(const std::vector<std::string>& only, std::string_view id) {
  return only.empty() ||
         std::any_of(only.begin(), only.end(), [&](const std::string& pattern) { return matches(pattern, id); });
}

Selection empty_selection(const Inventory& inventory, const Scope& scope, const Rulings& rulings) {
  Selection selection;
  selection.revision = inventory.revision;
  count(rulings, scope, selection.totals);
  for (const TestFile& file : inventory.files) {
    if (!file.error.empty()) selection.unreadable.push_back(fmt::format("{}:{}", file.path, file.error));
  }
  return selection;
}

Result<Selection> select(const Inventory& inventory, const Scope& scope, const SelectOptions& options) {
  // Written so that NaN is refused too.
  if (!(options.fraction >= 0 && options.fraction <= 1)) {
    return fail(ErrorKind::usage, fmt::format("{} is not a valid share of the tests", options.fraction),
                "give a number above 0, at most 1");
  }
  Rulings rulings = judge(inventory, scope);
  include_demanded(inventory, options.evidence, rulings);
  const Share share(options.fraction);
  Selection selection = empty_selection(inventory, scope, rulings);
  selection.stage = options.stage;
  selection.fraction = options.fraction;
  std::vector<const Test*> order = ranked(inventory, scope, rulings, options.evidence);
  const std::size_t enabled = share.of(order.size());
  withhold(options, order, selection);
  for (std::size_t i = 0; i < std::min(enabled, order.size()); ++i) {
    if (options.limit > 0 && selection.tests.size() == options.limit) break;
    const bool named = !options.only_demanded || options.evidence.demanded.contains(order[i]->id);
    if (named && is_wanted(options.only, order[i]->id)) {
      selection.tests.push_back({order[i]->id, breadth_of(*order[i]), 1});
    }
  }
  note_selected(options.notes, selection);
  if (options.limit == 0 && !options.only_demanded)
    selection.generators = enabled_generators(inventory, scope, rulings, options, share);
  selection.totals.selected = selection.tests.size();
  if (selection.tests.empty() && selection.generators.empty()) return nothing(selection, options);
  return selection;
}

Standing standing_of(const std::string& id, const Inventory& inventory, const Scope& scope, const Stages& stages,
                     const Evidence& evidence) {
  const Rulings rulings = judge(inventory, scope);
  const std::vector<const Test*> order = ranked(inventory, scope, rulings, evidence);
  const auto found = std::find_if(order.begin(), order.end(), [&](const Test* test) { return test->id == id; });
  Standing standing{.rank = 0, .in_scope = order.size(), .stage = {}};
  if (found != order.end()) standing.rank = static_cast<std::size_t>(found - order.begin()) + 1;
  const bool generator = is_generator_in_scope(id, inventory, scope, rulings);
  for (const Stage& stage : stages.all()) {
    const Share share(stage.fraction);
    if ((standing.rank > 0 && standing.rank <= share.of(order.size())) || (generator && share.takes(id))) {
      standing.stage = stage.id;
      break;
    }
  }
  return standing;
}

}  // namespace spyre::testsel
