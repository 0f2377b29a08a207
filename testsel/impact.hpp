// SPDX-License-Identifier: Apache-2.0
// The in-scope tests, ordered by how much a change concerns them, with the reasons.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "testsel/impact_clues.hpp"
#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"
#include "testsel/selection.hpp"

namespace spyre::testsel {

// Points into the inventory that it was made from.
struct Impact {
  struct Ranked {
    const Test* test = nullptr;
    double evidence = 0;  // weight_of_evidence() of all clues
    const std::vector<Clue>* of_file = nullptr;
    const std::vector<Clue>* own = nullptr;  // nullptr: none

    double score() const { return score_of(evidence); }
    // Return the clues, the strongest first. The clues belong to the Impact.
    std::vector<const Clue*> clues() const;
    const Clue* main_clue() const;  // nullptr without evidence
  };
  std::vector<Ranked> tests;  // in scope; more evidence first, then in order of rank
  std::size_t evident = 0;    // the number of tests at the front that have any evidence

  std::map<std::string, double> generators;  // units of generated tests in scope → the evidence of their file
  std::unique_ptr<const Clues> found;
  Selection basis;  // without choice

  // Return a test, or nullptr if it is not in scope.
  const Ranked* find(std::string_view id) const;
};

// Rank the tests in scope. A function of its arguments only.
Impact rank_by_impact(const Inventory& inventory, const Scope& scope, Clues clues, const Evidence& evidence = {});

struct ImpactChoice {
  double fraction = 0.25;         // of the in-scope tests, (0, 1]
  bool evident = false;           // all with any evidence instead
  std::vector<std::string> only;  // as in SelectOptions
  std::size_t limit = 0;          // as in SelectOptions
};

// Choose the first ceil(fraction × in-scope tests) by impact, in that order. A larger fraction contains a smaller one.
// A unit of generated tests is chosen if it has as much evidence as the last chosen test; a unit without evidence as
// select() does.
// Error: usage if the fraction is not in (0, 1]; nothing_selected if no test is left.
Result<Selection> choose(const Impact& impact, const ImpactChoice& choice);

// The impact document, "spyre-ci/impact@1": the change, and the tests of the selection with their main reason.
struct ImpactHeader {
  std::string base;                  // the commit before the change; empty if there is none
  std::vector<std::string> changed;  // files
};
nlohmann::json to_json(const Impact& impact, const Selection& selection, const ImpactHeader& header);
// Return one test with all its clues.
nlohmann::json to_json(const Impact::Ranked& test, std::size_t rank);

}  // namespace spyre::testsel
