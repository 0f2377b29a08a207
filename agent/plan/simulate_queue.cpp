// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "agent/plan/queue.hpp"
#include "agent/plan/simulated_run.hpp"

namespace spyre::plan {
namespace {

// Topology of hosts with two switches of four cards each.
cards::Topology hosts_of_eight(int cards) {
  std::vector<std::vector<int>> tiers(2);
  for (int card = 0; card < cards; ++card) {
    tiers[0].push_back(card / 4);
    tiers[1].push_back(card / 8);
  }
  return cards::Topology(std::move(tiers));
}

// Cards that take batches from one queue.
class QueueRun {
 public:
  QueueRun(const Plan& plan, const Truth& truth, std::vector<std::size_t> wanted, int cards)
      : m_plan(plan),
        m_left(truth.seconds),
        m_wanted(std::move(wanted)),
        m_queue(plan.batches, m_wanted, hosts_of_eight(cards)),
        m_cards(static_cast<std::size_t>(cards)) {
    for (int card = 0; card < cards; ++card) m_free.push_back({card, {}});
  }

  // Add to the terms of `out`, and return when the last batch ended.
  double run(const std::vector<Truth::Failure>& failures, Simulation& out) {
    auto failure = failures.begin();
    double last = 0;
    start(out);
    while (!m_ends.empty()) {
      const End end = m_ends.top();
      const bool stale = m_cards[static_cast<std::size_t>(end.card)].serial != end.serial;
      if (!stale && failure != failures.end() && failure->at_s < end.at_s) {
        m_now = failure->at_s;
        fail(failure->card, out);
        ++failure;
      } else {
        m_ends.pop();
        if (stale) continue;
        m_now = last = end.at_s;
        finish(end, out);
      }
      start(out);
    }
    out.not_run += m_queue.waiting().size();
    for (auto& [card, at_s] : m_failed) out.lost_s += last - std::min(at_s, last);
    return last;
  }

 private:
  struct End {
    double at_s = 0;
    int card = 0;  // the first of its gang
    std::size_t serial = 0;
    bool operator>(const End& other) const { return std::pair(at_s, card) > std::pair(other.at_s, other.card); }
  };
  struct CardRun {
    std::size_t serial = 0;  // number of its current batch; 0: none
    Placement placement;
    double started_s = 0;
  };

  void start(Simulation& out) {
    for (Placement& placement : m_queue.next(m_free, m_now)) {
      const Batch& batch = m_plan.batches[placement.batch];
      const double import = placement.imports ? batch.import_s : 0;
      out.imports += placement.imports ? 1 : 0;
      m_ends.push({m_now + import + m_left[placement.batch], placement.cards.front(), ++m_serial});
      for (const int card : placement.cards) {
        m_cards[static_cast<std::size_t>(card)] = {m_serial, placement, m_now};
      }
    }
    std::erase_if(m_free,
                  [this](const FreeCard& free) { return m_cards[static_cast<std::size_t>(free.card)].serial != 0; });
  }

  void finish(const End& end, Simulation& out) {
    const CardRun run = m_cards[static_cast<std::size_t>(end.card)];
    account(run, end.at_s, out);
    release(run.placement.cards, m_plan.batches[run.placement.batch].file);
  }

  void fail(int card, Simulation& out) {
    ++out.failed_cards;
    m_failed.emplace_back(card, m_now);
    const CardRun run = m_cards[static_cast<std::size_t>(card)];
    if (run.serial != 0) {
      const double before = m_left[run.placement.batch];
      account(run, m_now, out);
      m_queue.put_back(run.placement.batch, before > 0 ? m_left[run.placement.batch] / before : 1);
      release(run.placement.cards, {});
    }
    std::erase_if(m_free, [card](const FreeCard& free) { return free.card == card; });
  }

  void account(const CardRun& run, double until_s, Simulation& out) {
    const auto width = static_cast<double>(run.placement.cards.size());
    const double import = run.placement.imports ? m_plan.batches[run.placement.batch].import_s : 0;
    const double elapsed = until_s - run.started_s;
    const double imported = std::min(import, elapsed);
    const double tested = std::min(elapsed - imported, m_left[run.placement.batch]);
    m_left[run.placement.batch] -= tested;
    out.imports_s += imported * width;
    out.tests_s += tested * width;
  }

  void release(const std::vector<int>& cards, std::string_view open_file) {
    for (const int card : cards) {
      m_cards[static_cast<std::size_t>(card)].serial = 0;
      const auto place = std::ranges::lower_bound(m_free, card, {}, &FreeCard::card);
      m_free.insert(place, {card, std::string(open_file)});
    }
  }

  const Plan& m_plan;
  std::vector<double> m_left;  // of each batch
  std::vector<std::size_t> m_wanted;
  Queue m_queue;
  std::vector<FreeCard> m_free;
  std::vector<CardRun> m_cards;
  std::vector<std::pair<int, double>> m_failed;
  std::priority_queue<End, std::vector<End>, std::greater<>> m_ends;
  std::size_t m_serial = 0;
  double m_now = 0;
};

}  // namespace

double run_queue(const Plan& plan, const Truth& truth, std::vector<std::size_t> wanted, int cards,
                 const std::vector<Truth::Failure>& failures, Simulation& out) {
  return QueueRun(plan, truth, std::move(wanted), cards).run(failures, out);
}

}  // namespace spyre::plan
