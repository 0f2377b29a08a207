// SPDX-License-Identifier: Apache-2.0
// The selection: the in-scope tests that a stage enables. A function of inventory, scope and fraction alone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"
#include "testsel/rank.hpp"
#include "testsel/scope.hpp"
#include "testsel/stages.hpp"

namespace spyre::testsel {

struct SelectOptions {
  std::string stage;    // a name for the document; empty when a fraction was asked for
  double fraction = 1;  // of the in-scope tests, (0, 1], taken to the millionth
  // Patterns over ids that narrow what the fraction enables: "test/test_torch.py", "test/nn/**",
  // "test_torch.py::TestTorch::test_s*". A pattern that matches a file or a class takes all of it; one without a
  // directory is meant for any directory. Empty: everything.
  std::vector<std::string> only;
  std::size_t limit = 0;  // at most so many tests, the first in order of rank, and no generators; 0: no limit

  Evidence evidence = {};      // for the order of rank; tests that are demanded are in scope, whatever the rules say
  TestNotes notes = {};        // tests to be skipped are withheld
  bool only_demanded = false;  // of what the fraction enables, nothing but what evidence demands

  static SelectOptions of(const Stage& stage);
};

struct SelectedTest {
  std::string id;
  Breadth breadth = Breadth::single;  // what it runs over, as far as the source tells
  int cards = 1;                      // that it needs at once
  std::size_t cases = 0;              // to expect of it, as far as the source tells; 0: unknown
};

// Of a file with selected tests.
struct SourceSize {
  std::size_t bytes = 0;
  std::size_t imports = 0;  // modules that it imports when it is imported itself, each once
  std::size_t tests = 0;    // all of them, selected or not
  std::size_t cases = 0;    // to expect of these

  bool operator==(const SourceSize&) const = default;
};

// A test that is in scope and enabled by nothing: somebody said that it is not to be run.
struct WithheldTest {
  std::string id, reason;
};

struct Selection {
  // Units of generated tests have no part in the counts of tests: nobody knows from the source how many tests they
  // make.
  struct Generators {
    std::size_t all = 0;
    std::size_t in_scope = 0;
  };
  struct Totals {
    std::size_t tests = 0;  // of the inventory = in_scope + Σ excluded
    std::size_t in_scope = 0;
    std::size_t selected = 0;
    std::map<std::string, std::size_t> excluded;  // reason → count
    Generators generators;
  };

  std::string revision;
  std::string stage;    // empty when a fraction was asked for
  double fraction = 1;  // of the in-scope tests, (0, 1]
  Totals totals;
  std::vector<SelectedTest> tests;      // in order of rank: the tests of a smaller stage come first, in the same order
  std::vector<std::string> generators;  // units of generated tests that are enabled with them, in byte order
  std::vector<WithheldTest> withheld;   // of those that were asked for, in byte order
  std::map<std::string, SourceSize> files;  // by path; those of which nothing is known are left out
  TestNotes notes;                          // of the selected tests, and of cases
  std::vector<std::string> unreadable;  // files that do not parse, "path:line:column: why": not run, always reported
};

// The first ceil(fraction × in-scope tests) in order of rank. A larger fraction contains a smaller one.
// Error: usage when the fraction is not in (0, 1]; nothing_selected when no test is left.
Result<Selection> select(const Inventory& inventory, const Scope& scope, const SelectOptions& options);

// For whoever chooses in another order: everything of a selection but its choice.
Selection empty_selection(const Inventory& inventory, const Scope& scope, const Rulings& rulings);
// Whether a test or generator is among what `only` of the options narrows a selection to.
bool is_wanted(const std::vector<std::string>& only, std::string_view id);

// Where one test or generator stands, for people who ask when it is enabled.
struct Standing {
  std::size_t rank = 0;      // from 1; 0: out of scope, or a generator
  std::size_t in_scope = 0;  // tests
  std::string stage;         // the first one that enables it; empty when none does
};
Standing standing_of(const std::string& id, const Inventory& inventory, const Scope& scope, const Stages& stages,
                     const Evidence& evidence = {});

// The selection document, "spyre-ci/selection@1".
nlohmann::json to_json(const Selection& selection);
// Error: not_found, io, invalid.
Result<Selection> read_selection(const std::filesystem::path& path);

}  // namespace spyre::testsel
