// SPDX-License-Identifier: Apache-2.0
// The cards of a run: which of them may be given a test now. Pure: takes a clock and a function that inspects a card.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/clock.hpp"

namespace spyre::cards {

struct PoolSettings {
  Seconds release_timeout{60};   // how long a card may stay held after its worker has ended
  Seconds cordon{600};           // length of a card's first cordon; each further one is twice as long
  int failures = 2;              // infrastructure failures in a row that cordon a card
  std::size_t max_cordoned = 0;  // number of cordoned cards that makes the run hopeless; 0: all of them
};

class CardPool {
 public:
  enum class State {
    ready,
    busy,       // a worker runs on it
    releasing,  // its worker has ended, but a process still holds it
    cordoned,
  };
  // How a worker left its cards.
  enum class Ending {
    left,      // it ended; its processes may still hold the cards, so they are inspected before reuse
    failed,    // it could not be started, because of the infrastructure
    unusable,  // likewise, for a reason that would also stop a second start
    hung,      // no test finishes on them
  };
  struct Cordon {
    int card = 0;
    std::string why;
    Seconds length{};
  };

  // `released` says whether no process holds a card any more. `clock` outlives the pool.
  CardPool(std::vector<Card> cards, PoolSettings settings, const Clock& clock,
           std::function<bool(const Card&)> released);

  const std::vector<Card>& cards() const { return m_cards; }
  State state(int card) const { return at(card).state; }
  // Return the cards that may be used now, sorted. Inspects cards that are being released and lifts expired cordons.
  std::vector<int> ready();
  // Record that a worker starts on these cards, all of them ready.
  void start(const std::vector<int>& gang);
  // Record that the worker came up: earlier failures of these cards no longer count.
  void clear(const std::vector<int>& gang);
  // Record that the worker left the cards. A hardware fault signature in its log is an infrastructure failure that
  // cordons at once, without a second failure. If a gang could not be started, the faulty card is not known: all of its
  // cards become suspects, and none is cordoned for it. A suspect that fails alone as well is cordoned.
  void finish(const std::vector<int>& gang, Ending ending, std::string_view log = {});
  // Return whether a gang with this card could not be started, or the card comes back from a cordon, and no worker has
  // come up on it since.
  bool is_suspect(int card) const { return at(card).suspect; }
  bool has_suspects() const;
  // Return whether the run can go on with one more cordoned card.
  bool can_spare_one() const;
  // Lift the cordon of a card that was not the cause of the failures it was cordoned for.
  void uncordon(int card);

  // Return the cordons that began since the last call, for the journal.
  std::vector<Cordon> take_cordons();
  // Return when the result of ready() may change although no worker ended; nothing if time alone changes nothing.
  std::optional<SteadyTime> next_look() const;
  // Return whether so many cards are cordoned that the run should report it and end.
  bool is_hopeless() const;
  // Return the number of cards that are cordoned again after an earlier cordon.
  std::size_t count_lost() const;

 private:
  struct Health {
    State state = State::ready;
    SteadyTime until{};  // of the release or the cordon
    int failures = 0;    // in a row
    int cordons = 0;
    bool suspect = false;
  };
  const Health& at(int card) const { return m_health[static_cast<std::size_t>(card)]; }
  Health& at(int card) { return m_health[static_cast<std::size_t>(card)]; }
  void cordon(int card, std::string why);
  void release(int card);
  std::size_t count_cordoned() const;
  void look_at(int card);

  std::vector<Card> m_cards;
  PoolSettings m_settings;
  const Clock& m_clock;
  std::function<bool(const Card&)> m_released;
  std::vector<Health> m_health;
  std::vector<Cordon> m_new;
};

}  // namespace spyre::cards
