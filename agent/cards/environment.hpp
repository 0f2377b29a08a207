// SPDX-License-Identifier: Apache-2.0
// The environment in which a worker uses its own cards and no others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"

namespace spyre::cards {

struct WorkerSettings {
  std::size_t cards = 1;                   // of the machine: their workers share its processors
  std::string cache;                       // directory for caches, with a subdirectory for each gang; empty: none
  std::map<std::string, std::string> set;  // the profile's variables; they override all but SPYRE_DEVICES
};

// Return the variables for a worker on this gang: SPYRE_DEVICES and the other variables that the cards' runtime reads,
// OMP_NUM_THREADS (the worker's share of the processors, at least 1) and TORCHINDUCTOR_CACHE_DIR (a directory of its
// own). Pure. `gang` is not empty. The variables that describe a pod's cards (PCIDEVICE_IBM_COM_*, AIU_*, FLEX_*) are
// passed on, because a worker starts from a clean environment.
std::map<std::string, std::string> worker_environment(const std::vector<Card>& gang, const Machine& machine,
                                                      const WorkerSettings& settings);

}  // namespace spyre::cards
