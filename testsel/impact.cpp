// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

double say(const Clue& clue) {
  return clue.weight() * clue.strength;
}

bool says_more(const Clue* a, const Clue* b) {
  return std::tuple(-say(*a), a->kind, std::string_view(a->changed)) <
         std::tuple(-say(*b), b->kind, std::string_view(b->changed));
}

void add_generators(Impact& impact, const Inventory& inventory, const Scope& scope, const Rulings& rulings,
                    const std::vector<double>& evidence_of_files) {
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<std::string>& units = inventory.files[f].generators;
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (!in_scope(scope, rulings.files[f].generators[u])) continue;
      impact.generators[units[u]] = evidence_of_files[f];
    }
  }
}

Impact::Ranked with_clues(const Test* test, const std::vector<Clue>& of_file, double of_file_evidence,
                          const Clues& clues) {
  Impact::Ranked one{test, of_file_evidence, &of_file, nullptr};
  if (const auto own = clues.of_tests.find(test); own != clues.of_tests.end()) {
    one.own = &own->second;
    one.evidence += weight_of_evidence(own->second);
  }
  return one;
}

// Return the evidence that a unit of generated tests needs; 0 if tests without any evidence are chosen too.
double enough_evidence(const Impact& impact, std::size_t chosen, bool evident) {
  if (evident) return std::numeric_limits<double>::min();
  return chosen == 0 ? 0 : impact.tests[chosen - 1].evidence;
}

tl::unexpected<Error> nothing(const Impact& impact, const ImpactChoice& choice) {
  if (choice.evident && impact.evident == 0) {
    return fail(ErrorKind::nothing_selected, "no evidence that the change concerns any test",
                "without --evident the choice goes on in order of rank");
  }
  if (!choice.only.empty()) {
    return fail(ErrorKind::nothing_selected,
                fmt::format("none of the tests chosen matches {}", join(choice.only, " or ")), "try --fraction 1");
  }
  return fail(ErrorKind::nothing_selected, "no test is in scope");
}

}  // namespace

const Impact::Ranked* Impact::find(std::string_view id) const {
  const auto it = std::find_if(tests.begin(), tests.end(), [&](const Ranked& one) { return one.test->id == id; });
  return it == tests.end() ? nullptr : &*it;
}

std::vector<const Clue*> Impact::Ranked::clues() const {
  std::vector<const Clue*> all;
  for (const std::vector<Clue>* group : {of_file, own}) {
    if (group == nullptr) continue;
    for (const Clue& clue : *group) all.push_back(&clue);
  }
  std::stable_sort(all.begin(), all.end(), says_more);
  return all;
}

const Clue* Impact::Ranked::main_clue() const {
  const Clue* main = nullptr;
  for (const std::vector<Clue>* group : {of_file, own}) {
    if (group == nullptr) continue;
    for (const Clue& clue : *group) {
      if (main == nullptr || says_more(&clue, main)) main = &clue;
    }
  }
  return main;
}

Impact rank_by_impact(const Inventory& inventory, const Scope& scope, Clues clues, const Evidence& evidence) {
  Impact impact;
  impact.found = std::make_unique<const Clues>(std::move(clues));
  std::unordered_map<const Test*, std::size_t> file_of;
  std::vector<double> evidence_of_files;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    evidence_of_files.push_back(weight_of_evidence(impact.found->of_files[f]));
    for (const Test& test : inventory.files[f].tests) file_of.emplace(&test, f);
  }
  const Rulings rulings = judge(inventory, scope);
  for (const Test* test : ranked(inventory, scope, rulings, evidence)) {
    const std::size_t f = file_of.at(test);
    impact.tests.push_back(with_clues(test, impact.found->of_files[f], evidence_of_files[f], *impact.found));
  }
  std::stable_sort(impact.tests.begin(), impact.tests.end(),
                   [](const Impact::Ranked& a, const Impact::Ranked& b) { return a.evidence > b.evidence; });
  impact.evident = static_cast<std::size_t>(
      std::count_if(impact.tests.begin(), impact.tests.end(), [](const auto& one) { return one.evidence > 0; }));
  add_generators(impact, inventory, scope, rulings, evidence_of_files);
  impact.basis = empty_selection(inventory, scope, rulings);
  return impact;
}

Result<Selection> choose(const Impact& impact, const ImpactChoice& choice) {
  // Written so that NaN is refused too.
  if (!(choice.fraction > 0 && choice.fraction <= 1)) {
    return fail(ErrorKind::usage, fmt::format("{} is not a valid share of the tests", choice.fraction),
                "give a number above 0, at most 1");
  }
  const Share share(choice.fraction);
  const std::size_t chosen = choice.evident ? impact.evident : share.of(impact.tests.size());
  Selection selection = impact.basis;
  selection.fraction = choice.fraction;
  for (std::size_t i = 0; i < chosen; ++i) {
    const Test& test = *impact.tests[i].test;
    if (choice.limit > 0 && selection.tests.size() == choice.limit) break;
    if (is_wanted(choice.only, test.id)) selection.tests.push_back({test.id, breadth_of(test), 1});
  }
  if (choice.evident && chosen > 0) {
    selection.fraction = static_cast<double>(chosen) / static_cast<double>(impact.tests.size());
  }
  const double enough = enough_evidence(impact, chosen, choice.evident);
  for (const auto& [unit, evidence] : impact.generators) {
    const bool takes = evidence > 0 ? evidence >= enough : enough == 0 && share.takes(unit);
    if (takes && choice.limit == 0 && is_wanted(choice.only, unit)) selection.generators.push_back(unit);
  }
  selection.totals.selected = selection.tests.size();
  if (selection.tests.empty() && selection.generators.empty()) return nothing(impact, choice);
  return selection;
}

}  // namespace spyre::testsel
