// SPDX-License-Identifier: Apache-2.0
#include "agent/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace spyre {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;  // the first one: an exception that leaves a thread ends the program
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) body(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
    }
  };
  const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(), count);
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (thrown) std::rethrow_exception(thrown);
}

void parallel_blocks(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  constexpr std::size_t block = 512;
  // Threads begin far from each other: neighbouring elements often share an object and its reference count.
  const std::size_t threads = std::max(std::thread::hardware_concurrency(), 1U);
  const std::size_t share = (count + threads * block - 1) / (threads * block);
  parallel_for(share * threads, [&](std::size_t i) {
    const std::size_t begin = (i % threads * share + i / threads) * block;
    if (begin < count) body(begin, std::min(begin + block, count));
  });
}

}  // namespace spyre
