// SPDX-License-Identifier: Apache-2.0
// The shared queue: which batch goes to which cards now. Pure: free cards and the time are arguments.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cards/topology.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {

struct FreeCard {
  int card = 0;           // from 0
  std::string open_file;  // the file that a worker on this card has open: its next batch of this file costs no import
};

struct Placement {
  std::size_t batch = 0;   // index into the batches
  std::vector<int> cards;  // as many as the batch needs, sorted
  bool imports = true;     // the file is not open on these cards
  double expected_s = 0;   // expected duration, import included
};

// Singles: the file that would take its cards longest is served first, so that long files get many cards early and all
// files end together. A card stays with its file, because an import costs as much as many tests, until another file
// would end too late without the card. It joins a file that others work on only if that makes the file end earlier.
// Gangs go before singles, the longest first, on the closest cards. A gang that does not fit reserves certain cards.
// Other batches get these only if, by the estimates, they end before the last of them is free. If possible, the
// reserved cards are not those of a gang with more batches of its open file. So a gang waits no longer than for the
// batches that run when its turn comes, and no work starves. Finished batches correct the estimates: those of a file by
// its own batches, as far as there are any, and by those of all files.
class Queue {
 public:
  // `batches` outlive it. `wanted`: indices of the batches to deal, each once.
  Queue(std::span<const Batch> batches, std::span<const std::size_t> wanted, cards::Topology topology = {});

  // Return what to start now on these free cards (sorted by card), and remove it from the queue. A card that was given
  // a batch and is free again has ended it. Call it again whenever a card has become free. Cards without a placement
  // wait. If no card runs a batch and no placement is returned, the remaining batches need more cards than there are.
  std::vector<Placement> next(const std::vector<FreeCard>& free, double now_s);

  // Give a queued batch to these cards, all of them free, out of turn.
  Placement take(std::size_t batch, std::vector<int> cards, bool imports, double now_s);
  // Return a batch that was placed and is not done to the queue. `left`: the remaining share of it, (0, 1].
  void put_back(std::size_t batch, double left = 1);
  // Remove a batch that is in the queue and must not run.
  void remove(std::size_t batch);

  bool empty() const { return m_count == 0; }
  // Return the batches in the queue, in the order of their indices.
  std::vector<std::size_t> waiting() const;

 private:
  static constexpr double forever = std::numeric_limits<double>::infinity();

  // The batches of a file that need equally many cards.
  struct Lane {
    std::string_view file;
    std::size_t width = 1;
    double import_s = 0;
    double typical_s = 0;               // its longest batch: how much evidence it takes to correct the estimate
    std::vector<std::size_t> batches;   // longest last
    double left_s = 0;                  // of these, as planned, without imports
    std::multiset<double> ends_s;       // of its batches that run
    double planned_s = 0, taken_s = 0;  // of finished batches that had the file open
    double urgency_s = 0;               // its place among the lanes that have batches
    double work_s = 0;                  // its part of m_work_s

    double workers() const { return static_cast<double>(ends_s.size()); }
    // `usual`: the correction of all files together.
    double correction(double usual) const {
      const double evidence = typical_s + planned_s;
      return evidence > 0 ? (typical_s * usual + taken_s) / evidence : usual;
    }
  };
  struct Running {
    std::size_t batch = 0;
    std::vector<int> cards;
    bool imports = false;
    double started_s = 0, ends_s = 0;
  };
  struct CardState {
    std::optional<std::size_t> batch;  // the batch that runs on it
    std::optional<std::size_t> lane;   // of the last batch
    std::vector<int> gang;             // the cards of its worker
  };
  // Cards that are reserved for a gang, and when the last of them is free.
  struct Reservation {
    std::size_t lane = 0;
    std::vector<int> cards;
    double until_s = 0;
  };
  // One call of next().
  struct Moment {
    const std::vector<FreeCard>& free;
    double now_s = 0;
    double horizon_s = 0;  // how long the work takes from now if no card is idle
    std::vector<Placement> placements;
  };
  struct Choice {
    std::size_t lane = 0, position = 0;
  };

  double planned(std::size_t batch) const;
  double correction(const Lane& lane) const { return lane.correction(m_usual); }
  double expected(const Lane& lane, std::size_t batch) const { return planned(batch) * correction(lane); }
  double needs(const Lane& lane) const;
  double horizon(std::size_t free, double now_s) const;
  CardState& state(int card);
  bool is_free(const FreeCard& card) const { return !m_cards[static_cast<std::size_t>(card.card)].batch; }
  std::set<std::pair<double, std::size_t>>& lanes_like(const Lane& lane) {
    return lane.width == 1 ? m_singles : m_gangs;
  }

  // Bracket every change to a lane.
  void take_from_order(std::size_t index);
  void put_in_order(std::size_t index);
  void take_out(std::size_t index, std::size_t position);
  void end_running(std::size_t batch, std::optional<double> learned_at_s);
  void correct_all(double now_s);
  void start(const Choice& choice, std::vector<int> cards, bool imports, Moment& moment);

  std::vector<std::size_t> waiting_gangs() const;
  void place_gangs(Moment& moment);
  bool go_on(std::size_t lane, Moment& moment);
  bool place_gang(std::size_t lane, Moment& moment);
  void keep_reservation(Moment& moment);
  std::optional<std::vector<int>> warm_gang(const Lane& lane, const std::vector<int>& usable,
                                            const Moment& moment) const;
  std::vector<int> cards_for(std::size_t lane, const Moment& moment) const;
  bool is_late(const Lane& lane, const Moment& moment) const;
  std::vector<std::pair<double, int>> free_times(const Moment& moment, bool spare_gangs) const;
  void reserve(std::size_t lane, const Moment& moment);
  bool is_reserved(int card) const;

  void place_singles(Moment& moment);
  std::optional<std::size_t> own_lane(const FreeCard& card) const;
  bool stay(const FreeCard& card, std::size_t own, double limit_s, Moment& moment);
  std::optional<Choice> most_urgent(double limit_s, double now_s, std::optional<std::size_t> except) const;
  std::optional<std::size_t> longest_within(const Lane& lane, double limit_s) const;
  bool is_worth_joining(const Lane& lane, std::size_t batch, double now_s) const;

  std::span<const Batch> m_batches;
  cards::Topology m_topology;
  std::vector<Lane> m_lanes;
  std::vector<std::size_t> m_lane_of;                           // batch → lane
  std::vector<double> m_left;                                   // batch → share that is left
  std::set<std::pair<double, std::size_t>> m_singles, m_gangs;  // lanes that have batches, the most urgent first
  std::map<std::size_t, Running> m_running;                     // by batch
  std::vector<CardState> m_cards;
  std::optional<Reservation> m_reservation;
  double m_planned_s = 0, m_taken_s = 0;  // of all finished batches, imports included
  double m_next_correction_s = 1;         // of m_planned_s
  double m_usual = 1;                     // the correction of all files, as the order of lanes has it
  double m_work_s = 0;                    // card-seconds in the queue
  double m_ends_s = 0;                    // of running batches: the sum of their ends, each times its cards
  double m_busy_cards = 0;
  std::size_t m_count = 0;
};

}  // namespace spyre::plan
