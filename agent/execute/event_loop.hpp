// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/recorder.hpp"
#include "agent/execute/worker_pool.hpp"

namespace spyre::execute {

// Do what the dispatcher decides and report events to it until the run is over. `keep_cards` is called about once a
// second unless it is empty; when it fails, the run ends. `check_run_dir` is called as often; its error is returned.
// Error: io (of the journal).
Result<void> run_event_loop(Dispatcher& dispatcher, WorkerPool& pool, Recorder& recorder, const Clock& clock,
                            const std::function<Result<void>()>& keep_cards = {},
                            const std::function<Result<void>()>& check_run_dir = {});

}  // namespace spyre::execute
