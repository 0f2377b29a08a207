// SPDX-License-Identifier: Apache-2.0
// The plan: all batches with their estimates, dealt to shards. A value with a JSON form; making it starts nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::plan {

// Tests of one file that run in one go on one gang.
struct Batch {
  std::string id;                  // "b0001": unique in the plan
  std::string file;                // "test/test_torch.py"
  std::vector<std::string> units;  // ids of tests and generators, sorted
  int cards = 1;                   // size of the gang
  double estimate_s = 0;           // including the file's import
  // A unit with very many cases may be cut by case: this batch takes the cases with
  // stable_hash(case id) % pieces == piece.
  int piece = 0;
  int pieces = 1;
};

// What one card, one Jenkins branch or one pod runs.
struct Shard {
  int index = 0;                     // from 0
  std::vector<std::string> batches;  // ids, in the order they run
  double estimate_s = 0;
};

struct Plan {
  std::string revision;
  std::string stage;
  int cards = 1;
  std::vector<Batch> batches;        // longest first
  std::vector<Shard> shards;
  double makespan_s = 0;             // when the last shard ends, by the estimates
  double lower_bound_s = 0;          // no plan can end earlier
  std::vector<std::string> omitted;  // selected units that --budget left out, in order of rank
};

// The plan document, "spyre-ci/plan@1".
nlohmann::json to_json(const Plan& plan);
// Error: not_found, io, invalid.
Result<Plan> read_plan(const std::filesystem::path& path);

}  // namespace spyre::plan
