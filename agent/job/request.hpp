// SPDX-License-Identifier: Apache-2.0
// The request of a job. RUN_DIR/run.json stores it as results::RunRequest, with the resolved values.
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
  std::optional<ShardRequest> shard;  // run this shard of an existing plan, without selection and planning
  std::string cards = "cpu:1";        // specification
  std::string run_dir;                // empty: spyre-ci-runs/<id>
  bool strict_stack = false;          // as results::RunRequest::strict_stack
  std::vector<std::string> stack;     // items NAME=VERSION for results::parse_stack_items
  RelayRequest relay;
};

struct ResumeRequest {
  std::string cards;          // specification; empty: the run's own
  bool skip_damaged = false;  // continue without damaged lines of the journal
};

}  // namespace spyre::job
