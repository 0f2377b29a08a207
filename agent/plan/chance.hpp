// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine: drawn from names, not from a generator's state.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "agent/core/hash.hpp"

namespace spyre::plan {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : m_seed(seed) {}

  // Draw uniformly from [0, 1). Draws with different salts are independent.
  double uniform(std::string_view name, std::uint64_t salt) const {
    // SplitMix64's finalizer makes neighbouring seeds independent.
    std::uint64_t bits = stable_hash(name) + 0x9E3779B97F4A7C15ULL * (m_seed * 1024 + salt + 1);
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31;
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
  }
  // Draw from a log-normal distribution with mean 1: exp of a normal deviate (Box and Muller) with this standard
  // deviation.
  double factor(std::string_view name, double sigma, std::uint64_t salt) const {
    if (sigma == 0) return 1;
    const double radius = std::sqrt(-2 * std::log(1 - uniform(name, 2 * salt)));
    const double normal = radius * std::cos(2 * std::numbers::pi * uniform(name, 2 * salt + 1));
    return std::exp(sigma * normal - sigma * sigma / 2);
  }

 private:
  std::uint64_t m_seed;
};

}  // namespace spyre::plan
