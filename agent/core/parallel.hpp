// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace spyre {

// Call body(0) … body(count - 1), each once, on as many threads as the machine has cores, and return when all are done.
// The body must not touch data of another index. Rethrows the first exception of a body. Throws std::system_error if
// the machine refuses a thread.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);
// Do the same for bodies of less than a microsecond: body(begin, end) takes a block of neighbours.
void parallel_blocks(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace spyre
