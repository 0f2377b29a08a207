// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "testsel/impact.hpp"

namespace spyre::testsel {
namespace {

using nlohmann::json;

json as_json(const Clue& clue) {
  return {{"kind", name(clue.kind)},
          {"weight", clue.weight()},
          {"strength", clue.strength},
          {"changed", clue.changed},
          {"why", clue.why}};
}

json changed_files(const ImpactHeader& header, const Impact& impact) {
  json files = json::array();
  for (const std::string& path : header.changed) {
    json& entry = files.emplace_back(json{{"path", path}});
    if (const auto rule = impact.found->ignored.find(path); rule != impact.found->ignored.end())
      entry["ignored"] = rule->second;
  }
  return files;
}

}  // namespace

json to_json(const Impact& impact, const Selection& selection, const ImpactHeader& header) {
  std::unordered_map<std::string_view, const Impact::Ranked*> by_id;
  for (const Impact::Ranked& one : impact.tests) by_id.emplace(one.test->id, &one);
  json tests = json::array();
  for (const SelectedTest& test : selection.tests) {
    const Impact::Ranked& ranked = *by_id.at(test.id);
    json& entry = tests.emplace_back(json{{"id", test.id}, {"score", ranked.score()}});
    if (const Clue* main = ranked.main_clue()) entry["reason"] = as_json(*main);
  }
  return {{"schema", schema_id("impact")},
          {"revision", selection.revision},
          {"base", header.base},
          {"changed", changed_files(header, impact)},
          {"fraction", selection.fraction},
          {"totals",
           {{"in_scope", impact.tests.size()}, {"evident", impact.evident}, {"selected", selection.tests.size()}}},
          {"tests", std::move(tests)},
          {"generators", selection.generators}};
}

json to_json(const Impact::Ranked& test, std::size_t rank) {
  json clues = json::array();
  for (const Clue* clue : test.clues()) clues.push_back(as_json(*clue));
  return {{"id", test.test->id}, {"rank", rank}, {"score", test.score()}, {"clues", std::move(clues)}};
}

}  // namespace spyre::testsel
