// SPDX-License-Identifier: Apache-2.0
// Cards shared between several agents on one machine: a file a card in a common folder says who has it, and until when.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::cards {

// Who holds a lease: a process, told apart from a later one with the same number.
struct LeaseOwner {
  std::string name;  // for people: the run
  int pid = 0;
  std::string started;       // when the process started, as its system counts
  std::string namespace_id;  // of its process numbers: in another one they mean nothing

  // This process. Error: io.
  static Result<LeaseOwner> here(std::string name, const Machine& machine);
};

class Leases {
 public:
  // `machine` and `clock` outlive it. Makes the folder. Error: io.
  static Result<Leases> open(std::filesystem::path folder, LeaseOwner owner, Seconds time_to_live,
                             const Machine& machine, const Clock& clock);

  // Takes all of these cards or none: those that nobody has, whose lease is over, or whose owner is dead. Cards of
  // one's own are renewed. Error: busy, with who has which card; io.
  Result<void> take(const std::vector<Card>& cards);
  // Those of the cards that could be taken now, and takes them. Error: io.
  Result<std::vector<Card>> take_free(const std::vector<Card>& cards);
  // False when somebody else is at the leases right now: then nothing has happened. Error: busy when a lease was lost
  // because it was renewed too late; io.
  Result<bool> renew(const std::vector<Card>& cards);
  // Gives back what is one's own. Error: busy, when somebody is at the leases for longer than a second; io.
  Result<void> give_back(const std::vector<Card>& cards);

 private:
  Leases(std::filesystem::path folder, LeaseOwner owner, Seconds time_to_live, const Machine& machine,
         const Clock& clock)
      : m_folder(std::move(folder)),
        m_owner(std::move(owner)),
        m_time_to_live(time_to_live),
        m_machine(machine),
        m_clock(clock) {}
  Result<void> take_locked(const std::vector<Card>& cards) const;
  std::filesystem::path file_of(const Card& card) const;
  // Who else has the card; nothing when it can be taken.
  Result<std::string> other_holder(const Card& card) const;
  Result<void> write(const Card& card) const;
  bool is_own(const LeaseOwner& other) const;
  bool is_dead(const LeaseOwner& other) const;

  std::filesystem::path m_folder;
  LeaseOwner m_owner;
  Seconds m_time_to_live;
  const Machine& m_machine;
  const Clock& m_clock;
};

// Cards that are leased as long as this object lives.
class HeldCards {
 public:
  // Takes all of the cards; or, when `any` is set, those of them that are free: at least one. Error: busy, io.
  static Result<HeldCards> take(Leases leases, std::vector<Card> cards, bool any, Seconds time_to_live,
                                const Clock& clock);
  HeldCards(HeldCards&&) = default;
  HeldCards& operator=(HeldCards&&) = default;
  HeldCards(const HeldCards&) = delete;
  HeldCards& operator=(const HeldCards&) = delete;
  // Gives them back.
  ~HeldCards();

  const std::vector<Card>& cards() const { return m_cards; }
  // Renews the leases when a third of their time is over: call it every few seconds. Error: busy, when one was lost
  // because this came too late; io.
  Result<void> keep();

 private:
  HeldCards(Leases leases, std::vector<Card> cards, Seconds time_to_live, const Clock& clock)
      : m_leases(std::make_unique<Leases>(std::move(leases))),
        m_cards(std::move(cards)),
        m_time_to_live(time_to_live),
        m_clock(&clock),
        m_renewed(clock.steady()) {}

  std::unique_ptr<Leases> m_leases;  // empty once moved from
  std::vector<Card> m_cards;
  Seconds m_time_to_live;
  const Clock* m_clock;
  SteadyTime m_renewed;
};

}  // namespace spyre::cards
