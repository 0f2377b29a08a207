// SPDX-License-Identifier: Apache-2.0
// The cards of a run: which of them may be given a test now. Pure: it takes a clock and a way to look at a card.
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
  Seconds release_timeout{60};   // how long a card may stay held after its worker is gone
  Seconds cordon{600};           // the first one of a card; each further one is twice as long
  int failures = 2;              // failures of the infrastructure in a row that cordon a card
  std::size_t max_cordoned = 0;  // so many cordoned cards, and the run is hopeless; 0: all of them
};

class CardPool {
 public:
  enum class State {
    ready,
    busy,       // a worker runs on it
    releasing,  // its worker is gone, but something still holds it
    cordoned,
  };
  // How a worker left its cards.
  enum class Ending {
    left,      // however it ended: something of it may still hold the cards, so they are looked at before they are used
               // again
    failed,    // for want of the infrastructure: it could not be started
    unusable,  // likewise, for a reason that a second start would meet again
    hung,      // no test comes to its end on them
  };
  struct Cordon {
    int card = 0;
    std::string why;
    Seconds length{};
  };

  // `released`: whether nobody holds a card any more. `clock` outlives the pool.
  CardPool(std::vector<Card> cards, PoolSettings settings, const Clock& clock,
           std::function<bool(const Card&)> released);

  const std::vector<Card>& cards() const { return m_cards; }
  State state(int card) const { return at(card).state; }
  // Cards that may be used now, sorted. Looks at cards that are being released and ends cordons that are over.
  std::vector<int> ready();
  // A worker starts on these cards, all of them ready.
  void start(const std::vector<int>& gang);
  // It came up: nothing speaks against these cards any more.
  void clear(const std::vector<int>& gang);
  // It left them. A sign of a hardware fault in its log is a failure of the infrastructure that needs no second one.
  // When a gang could not be started, nobody knows which of its cards is faulty: they are suspects, and none is
  // cordoned for it; one that fails alone as well does.
  void finish(const std::vector<int>& gang, Ending ending, std::string_view log = {});
  // A gang with this card could not be started, or it comes back from a cordon, and no worker has come up on it since.
  bool is_suspect(int card) const { return at(card).suspect; }
  bool has_suspects() const;
  // Whether the run goes on when one more card is cordoned.
  bool can_spare_one() const;
  // What a card is cordoned for was not its doing.
  void uncordon(int card);

  // Quarantines that began since this was last asked: for the journal.
  std::vector<Cordon> take_cordons();
  // When ready() may have another answer although no worker ended; nothing when time alone changes nothing.
  std::optional<SteadyTime> next_look() const;
  // So many cards are cordoned that the run should say so and end.
  bool is_hopeless() const;
  // Cards that are cordoned, and were before.
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
