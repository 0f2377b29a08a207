// SPDX-License-Identifier: Apache-2.0
// The selection: the in-scope tests that a stage enables. A function of inventory, scope and fraction alone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::testsel {

struct SelectedTest {
  std::string id;
};

struct Selection {
  std::string revision;
  std::string stage;      // empty when a fraction was asked for
  double fraction = 1;    // of the in-scope tests, (0, 1]
  struct Totals {
    std::size_t tests = 0;     // of the inventory = in_scope + Σ excluded
    std::size_t in_scope = 0;
    std::size_t selected = 0;
    std::map<std::string, std::size_t> excluded;  // reason → count
  } totals;
  std::vector<SelectedTest> tests;      // in order of rank: a prefix of a smaller stage is a prefix here too
  std::vector<std::string> generators;  // units of generated tests that are enabled with them, in byte order
  std::vector<std::string> unreadable;  // files that do not parse, "path:line:column: why": run whole nowhere, reported everywhere
};

// The selection document, "spyre-ci/selection@1".
nlohmann::json to_json(const Selection& selection);
// Error: not_found, io, invalid.
Result<Selection> read_selection(const std::filesystem::path& path);

}  // namespace spyre::testsel
