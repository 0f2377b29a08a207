// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace spyre {

// Calls body(0) … body(count - 1), each once, on as many threads as the machine has cores; returns when all are done.
// The body must not touch what another index touches. Rethrows the first exception of a body. Throws std::system_error
// when the machine refuses a thread.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);
// The same for bodies of less than a microsecond: body(begin, end) takes a block of neighbours.
void parallel_blocks(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace spyre
