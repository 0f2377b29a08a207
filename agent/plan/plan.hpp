// SPDX-License-Identifier: Apache-2.0
// The plan: all batches with their estimates, dealt to shards. A value with a JSON form; making it starts no process.
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

// Most batches of a large plan have a single unit.
using Units = boost::container::small_vector<SharedText, 1>;

// Tests of one file that run in one go on one gang.
struct Batch {
  std::string id;         // "b0001": unique in the plan
  SharedText file;        // "test/test_torch.py"
  Units units;            // ids of tests and generators, sorted
  int cards = 1;          // size of the gang
  double estimate_s = 0;  // including the file's import
  double import_s = 0;    // the part of it that a worker saves when it has the file open already
  double longest_s = 0;   // of a single case, if known; 0: unknown
  // A unit with very many cases may be cut by case: takes() returns which cases belong to this batch. A piece may turn
  // out to have no case; the unit counts as instantiated if any of its pieces has one.
  int piece = 0;
  int pieces = 1;
};

// Return whether this batch runs a case of one of its units: stable_hash(case id) % pieces == piece.
bool takes(const Batch& batch, std::string_view case_id);

// The work of one Jenkins branch or one pod: on one card, or on several if batches need several. Batches of one file
// for one card stand together: their import is paid once.
struct Shard {
  int index = 0;                     // from 0
  int cards = 1;                     // all shards together have at most the plan's number
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
  double budget_s = 0;               // after this time the plan begins no batch; 0: no limit
  std::vector<std::string> omitted;  // selected units that the budget left out, in order of rank
  testsel::TestNotes notes;          // notes on the tests: whether they may fail, and tags
};

// Return the ids as a list.
nlohmann::json to_json(const Units& units);
// Return the plan document, "spyre-ci/plan@1".
nlohmann::json to_json(const Plan& plan);
// Read a plan, which may be hand-written: everything that would lose or duplicate a test is refused, with the place.
// Error: not_found, io, invalid.
Result<Plan> read_plan(const std::filesystem::path& path);

}  // namespace spyre::plan
