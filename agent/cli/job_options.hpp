// SPDX-License-Identifier: Apache-2.0
// The options of a job: the parts of its request that commands expose.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/options.hpp"
#include "agent/job/planning.hpp"
#include "agent/job/relayed_run.hpp"
#include "agent/job/relaying.hpp"
#include "agent/job/request.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/source.hpp"
#include "agent/job/test_notes.hpp"

namespace spyre::cli {

void add_source_options(Command command, job::SourceRequest& options);
void add_oot_option(Command command, std::vector<std::string>& configs);
void add_notes_options(Command command, job::NotesRequest& options);
void add_selecting_options(Command command, job::SelectRequest& options);
void add_planning_options(Command command, job::PlanRequest& options);
void add_stack_options(Command command, job::JobRequest& request);
// Add the options. `prefix` is the first part of each option name.
void add_connection_options(Command command, job::RelayConnection& options, const std::string& prefix = "");
void add_job_options(Command command, relay::Job& job, std::string& dispatch, const std::string& prefix = "");
void add_relayed_run_options(Command command, job::RelayRequest& options);

}  // namespace spyre::cli
