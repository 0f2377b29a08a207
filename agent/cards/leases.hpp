// SPDX-License-Identifier: Apache-2.0
// Cards shared between several agents on one machine: each card has a file in a directory that all agents see, and the
// agent that holds the lock on it (flock) has the card. The kernel releases the lock when the agent ends, however it
// ends; no clock and no process number decides. A container shares cards with others only if it mounts that directory.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::cards {

// The machine's directory, for agents of all users.
inline constexpr const char* machine_leases = "/run/lock/spyre-ci";
// Create the directory with mode 1777 if it is missing. Error: io (it cannot be created or written to).
Result<void> open_leases_directory(const std::filesystem::path& directory);

// Leases on cards, held while this object lives.
class HeldCards {
 public:
  // Lease all of the cards or, if `any` is set, the free ones: at least one. `owner` names the run, for people. Error:
  // busy (the message says who has which card), io.
  static Result<HeldCards> take(const std::filesystem::path& directory, const std::string& owner,
                                std::vector<Card> cards, bool any);

  const std::vector<Card>& cards() const { return m_cards; }
  // Check that the locked files are still in place; call it every few seconds. Error: busy if a file was removed,
  // because another agent may have the card by now.
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
