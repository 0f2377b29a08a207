// SPDX-License-Identifier: Apache-2.0
// The plan: all batches with their estimates, dealt to shards. A value with a JSON form; making it starts nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/core/shared_text.hpp"
#include "testsel/expectation.hpp"

namespace spyre::plan {

inline constexpr int max_pieces = 4096;

// Most batches of a large plan have a single one.
using Units = boost::container::small_vector<SharedText, 1>;

// Tests of one file that run in one go on one gang.
struct Batch {
  std::string id;         // "b0001": unique in the plan
  SharedText file;        // "test/test_torch.py"
  Units units;            // ids of tests and generators, sorted
  int cards = 1;          // size of the gang
  double estimate_s = 0;  // including the file's import
  double import_s = 0;    // the part of it that a worker saves when it has the file open already
  double longest_s = 0;   // of a single case, as far as it is known; 0: it is not
  // A unit with very many cases may be cut by case: this batch takes the cases that `takes` says. A piece may turn out
  // to have no case; the unit is instantiated when any of its pieces has one.
  int piece = 0;
  int pieces = 1;
};

// Whether a case of one of the batch's units is run by this batch: stable_hash(case id) % pieces == piece.
bool takes(const Batch& batch, std::string_view case_id);

// What one Jenkins branch or one pod runs: on one card, or on several where batches need several. Batches of one file
// for one card stand together: their import is paid once.
struct Shard {
  int index = 0;                     // from 0
  int cards = 1;                     // those of all shards together are no more than the plan's
  std::vector<std::string> batches;  // ids, in the order they run
  double estimate_s = 0;
};

struct Plan {
  std::string revision;
  std::string stage;
  int cards = 1;
  std::vector<Batch> batches;        // longest first
  std::vector<Shard> shards;         // without batches when there are more cards than work
  double makespan_s = 0;             // when the last shard ends, by the estimates
  double lower_bound_s = 0;          // no plan can end earlier
  double budget_s = 0;               // after this time nothing new of it begins; 0: no limit
  std::vector<std::string> omitted;  // selected units that the budget left out, in order of rank
  testsel::TestNotes notes;          // what was known of the tests: that they may fail, and tags
};

// The ids, as a list.
nlohmann::json to_json(const Units& units);
// The plan document, "spyre-ci/plan@1".
nlohmann::json to_json(const Plan& plan);
// A plan that somebody may have written by hand: everything that would lose or double a test is refused, with the
// place. Error: not_found, io, invalid.
Result<Plan> read_plan(const std::filesystem::path& path);

}  // namespace spyre::plan
