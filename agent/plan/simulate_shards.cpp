// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "agent/plan/simulated_run.hpp"

namespace spyre::plan {
namespace {

// Cards that keep to their shards.
class ShardRun {
 public:
  ShardRun(const Plan& plan, const Truth& truth) : m_plan(plan), m_truth(truth) {
    for (std::size_t i = 0; i < plan.batches.size(); ++i) m_index.emplace(plan.batches[i].id, i);
  }

  double run(Simulation& out) {
    std::vector<double> ends;
    std::vector<Leftover> leftovers;
    int first_card = 0;
    for (const Shard& shard : m_plan.shards) {
      const double dies = shard.cards == 1 ? death_of(first_card) : forever;
      ends.push_back(shard.cards == 1 ? run_shard(shard, dies, leftovers, out) : run_wide(shard, out));
      first_card += shard.cards;
    }
    for (const Leftover& leftover : leftovers) ends[leftover.shard] = forever;  // its card has failed
    for (const Leftover& leftover : leftovers) {
      const auto heir = std::ranges::min_element(ends);
      *heir = run_leftover(leftover, std::max(*heir, leftover.since_s), out);
    }
    double last = 0;
    for (const double end : ends) last = std::max(last, end == forever ? 0 : end);
    for (const Leftover& leftover : leftovers) {
      ++out.failed_cards;
      out.lost_s += last - leftover.since_s;
    }
    return last;
  }

 private:
  static constexpr double forever = std::numeric_limits<double>::infinity();
  struct Leftover {
    std::size_t shard = 0;
    double since_s = 0;
    std::vector<std::size_t> batches;
    double done_s = 0;  // of the first of these batches
  };

  double death_of(int card) const {
    const auto found = std::ranges::find(m_truth.failures, card, &Truth::Failure::card);
    return found == m_truth.failures.end() ? forever : found->at_s;
  }

  double run_shard(const Shard& shard, double dies, std::vector<Leftover>& leftovers, Simulation& out) const {
    double now = 0;
    const SharedText* open = nullptr;
    for (std::size_t i = 0; i < shard.batches.size(); ++i) {
      const std::size_t index = m_index.at(shard.batches[i]);
      const Batch& batch = m_plan.batches[index];
      const double import = open != nullptr && *open == batch.file ? 0 : batch.import_s;
      const double end = now + import + m_truth.seconds[index];
      out.imports += import > 0 ? 1 : 0;
      if (end > dies) {
        Leftover leftover{static_cast<std::size_t>(shard.index), dies, {}, std::max(0.0, dies - now - import)};
        for (std::size_t j = i; j < shard.batches.size(); ++j) leftover.batches.push_back(m_index.at(shard.batches[j]));
        out.imports_s += std::min(import, dies - now);
        out.tests_s += leftover.done_s;
        leftovers.push_back(std::move(leftover));
        return dies;
      }
      out.imports_s += import;
      out.tests_s += m_truth.seconds[index];
      open = &batch.file;
      now = end;
    }
    return now;
  }

  double run_leftover(const Leftover& leftover, double now, Simulation& out) const {
    const SharedText* open = nullptr;
    double done = leftover.done_s;
    for (const std::size_t index : leftover.batches) {
      const Batch& batch = m_plan.batches[index];
      const double import = open != nullptr && *open == batch.file ? 0 : batch.import_s;
      const double seconds = m_truth.seconds[index] - done;
      out.imports += import > 0 ? 1 : 0;
      out.imports_s += import;
      out.tests_s += seconds;
      now += import + seconds;
      open = &batch.file;
      done = 0;
    }
    return now;
  }

  double run_wide(const Shard& shard, Simulation& out) const {
    std::vector<std::size_t> wanted;
    for (const std::string& id : shard.batches) wanted.push_back(m_index.at(id));
    return run_queue(m_plan, m_truth, std::move(wanted), shard.cards, {}, out);
  }

  const Plan& m_plan;
  const Truth& m_truth;
  std::unordered_map<std::string_view, std::size_t> m_index;
};

}  // namespace

double run_shards(const Plan& plan, const Truth& truth, Simulation& out) {
  return ShardRun(plan, truth).run(out);
}

}  // namespace spyre::plan
