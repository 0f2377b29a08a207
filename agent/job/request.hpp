// SPDX-License-Identifier: Apache-2.0
// What can be asked of a job. RUN_DIR/run.json keeps it as results::RunRequest, with what it came to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/job/planning.hpp"
#include "agent/job/relayed_run.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/source.hpp"

namespace spyre::job {

struct ShardRequest {
  std::string plan;  // file
  int index = 0;
};

struct JobRequest {
  SourceRequest source;
  SelectRequest select;
  PlanRequest plan;
  std::optional<ShardRequest> shard;  // run this shard of an existing plan: nothing is selected or planned
  std::string cards = "cpu:1";        // specification
  std::string run_dir;                // empty: spyre-ci-runs/<id>
  bool strict_stack = false;          // as results::RunRequest says
  std::vector<std::string> stack;     // items NAME=VERSION, as results::parse_stack_items takes them
  RelayRequest relay;
};

struct ResumeRequest {
  std::string cards;          // specification; empty: that of the run
  bool skip_damaged = false;  // continue without damaged lines of the journal
};

}  // namespace spyre::job
