// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/recorder.hpp"
#include "agent/execute/worker_pool.hpp"

namespace spyre::execute {

// Does what the dispatcher decides, and tells it what happens, until the run is over. About once a second `keep_cards`
// is called, unless it is empty; when it fails, the run ends. So is `check_run_dir`, whose error is this function's.
// Error: io (of the journal).
Result<void> run_event_loop(Dispatcher& dispatcher, WorkerPool& pool, Recorder& recorder, const Clock& clock,
                            const std::function<Result<void>()>& keep_cards = {},
                            const std::function<Result<void>()>& check_run_dir = {});

}  // namespace spyre::execute
