// SPDX-License-Identifier: Apache-2.0
#include "agent/history/succession.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace spyre::history {

std::vector<Succession> successions(const std::vector<RunInfo>& runs) {
  std::vector<Succession> pairs;
  std::map<std::string, const RunInfo*> latest;  // of each stage
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->revision.empty()) continue;
    const RunInfo*& before = latest[run->stage];
    if (before != nullptr && before->revision != run->revision) pairs.push_back({*before, *run});
    before = &*run;
  }
  return pairs;
}

double overlap(const std::vector<std::string>& then, const std::vector<std::string>& now) {
  if (now.empty()) return 0;
  std::vector<std::string> common;
  std::set_intersection(then.begin(), then.end(), now.begin(), now.end(), std::back_inserter(common));
  return static_cast<double>(common.size()) / static_cast<double>(now.size());
}

}  // namespace spyre::history
