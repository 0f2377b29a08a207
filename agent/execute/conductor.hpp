// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/recorder.hpp"
#include "agent/execute/worker_pool.hpp"

namespace spyre::execute {

// Does what the dispatcher decides, and tells it what happens, until the run is over. Error: io (of the journal).
Result<void> conduct(Dispatcher& dispatcher, WorkerPool& pool, Recorder& recorder, const Clock& clock);

}  // namespace spyre::execute
