// SPDX-License-Identifier: Apache-2.0
// The history beside a run: it makes plans and reports better and gets the result, but must not hold a run up.
#pragma once

#include <string_view>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/history/store.hpp"

namespace spyre::job {

// Opens the configured history, and waits 15 s at most for others that hold it. What could not be opened once in this
// process is not tried again: the same error comes at once. Error: as Store::open.
Result<history::Store> open_run_history(const Config& config);

// Warns that `what` is missing: "planning without history". Of a history that cannot be opened it is said once.
void warn_without_history(std::string_view what, const Error& error);

}  // namespace spyre::job
