// SPDX-License-Identifier: Apache-2.0
#include "agent/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace spyre {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  };
  const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(), count);
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
  work();
}

void parallel_blocks(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  constexpr std::size_t block = 512;
  parallel_for((count + block - 1) / block, [&](std::size_t i) { body(i * block, std::min((i + 1) * block, count)); });
}

}  // namespace spyre
