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
  Seconds quarantine{600};       // the first one of a card; each further one is twice as long
  int failures = 2;              // failures of the infrastructure in a row that send a card into quarantine
  std::size_t max_cordoned = 0;  // so many cards in quarantine, and the run is hopeless; 0: all of them
};

class CardPool {
 public:
  enum class State {
    ready,
    busy,       // a worker runs on it
    releasing,  // its worker is gone, but something still holds it
    quarantined,
  };
  // How a worker left its cards.
  enum class Ending {
    left,      // however it ended: something of it may still hold the cards, so they are looked at before they are used
               // again
    failed,    // for want of the infrastructure: it could not be started
    unusable,  // likewise, for a reason that a second start would meet again
    hung,      // no test comes to its end on them
  };
  struct Quarantine {
    int card = 0;
    std::string why;
    Seconds length{};
  };

  // `released`: whether nobody holds a card any more. `clock` outlives the pool.
  CardPool(std::vector<Card> cards, PoolSettings settings, const Clock& clock,
           std::function<bool(const Card&)> released);

  const std::vector<Card>& cards() const { return m_cards; }
  State state(int card) const { return at(card).state; }
  // Cards that may be used now, sorted. Looks at cards that are being released and ends quarantines that are over.
  std::vector<int> ready();
  // A worker starts on these cards, all of them ready.
  void start(const std::vector<int>& gang);
  // It came up: nothing speaks against these cards any more.
  void clear(const std::vector<int>& gang);
  // It left them. A sign of sickness in its log is a failure of the infrastructure that needs no second one. When a
  // gang could not be started, nobody knows which of its cards is sick: they are suspects, and none goes into
  // quarantine for it; one that fails alone as well does.
  void finish(const std::vector<int>& gang, Ending ending, std::string_view log = {});
  // A gang with this card could not be started, or it comes from quarantine, and no worker has come up on it since.
  bool is_suspect(int card) const { return at(card).suspect; }
  bool has_suspects() const;
  // Whether the run goes on when one more card goes into quarantine.
  bool can_spare_one() const;
  // What a card is in quarantine for was not its doing.
  void acquit(int card);

  // Quarantines that began since this was last asked: for the journal.
  std::vector<Quarantine> take_quarantines();
  // When ready() may have another answer although no worker ended; nothing when time alone changes nothing.
  std::optional<SteadyTime> next_look() const;
  // So many cards are in quarantine that the run should say so and end.
  bool is_hopeless() const;
  // Cards that are in quarantine, and were before.
  std::size_t count_lost() const;

 private:
  struct Health {
    State state = State::ready;
    SteadyTime until{};  // of the release or the quarantine
    int failures = 0;    // in a row
    int quarantines = 0;
    bool suspect = false;
  };
  const Health& at(int card) const { return m_health[static_cast<std::size_t>(card)]; }
  Health& at(int card) { return m_health[static_cast<std::size_t>(card)]; }
  void send_into_quarantine(int card, std::string why);
  void release(int card);
  std::size_t count_quarantined() const;
  void look_at(int card);

  std::vector<Card> m_cards;
  PoolSettings m_settings;
  const Clock& m_clock;
  std::function<bool(const Card&)> m_released;
  std::vector<Health> m_health;
  std::vector<Quarantine> m_new;
};

}  // namespace spyre::cards
