// SPDX-License-Identifier: Apache-2.0
// Cards shared between several agents on one machine: each has a file in a directory that all of them see, and the
// agent that holds the lock on it (flock) has the card. The kernel lets go when the agent ends, however it ends; no
// clock and no process number decides. A container shares cards with others only where it mounts that directory.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::cards {

// The directory of the machine, for agents of all users.
inline constexpr const char* machine_leases = "/run/lock/spyre-ci";
// Makes it, with mode 1777, when it is missing. Error: io, when it cannot be made or written to.
Result<void> open_leases_directory(const std::filesystem::path& directory);

// Cards that are leased as long as this object lives.
class HeldCards {
 public:
  // Takes all of the cards; or, when `any` is set, those of them that are free: at least one. `owner` is for people:
  // the run. Error: busy, with who has which card; io.
  static Result<HeldCards> take(const std::filesystem::path& directory, const std::string& owner,
                                std::vector<Card> cards, bool any);

  const std::vector<Card>& cards() const { return m_cards; }
  // Whether the files are still those that are locked: call it every few seconds. Error: busy, when somebody removed
  // one, for then another agent may have the card by now.
  Result<void> keep() const;

 private:
  struct Lease {
    std::filesystem::path file;
    UniqueFd lock;
  };
  HeldCards(std::vector<Card> cards, std::vector<Lease> leases)
      : m_cards(std::move(cards)), m_leases(std::move(leases)) {}
  static Result<Lease> lease(const std::filesystem::path& directory, const std::string& owner, const Card& card);

  std::vector<Card> m_cards;
  std::vector<Lease> m_leases;
};

}  // namespace spyre::cards
