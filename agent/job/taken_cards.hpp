// SPDX-License-Identifier: Apache-2.0
// The cards of a run: finds them, reserves them against other agents of this machine, and sets up their environment.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/cards/leases.hpp"
#include "agent/cards/profile.hpp"
#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace spyre::job {

// Return the cards of this machine that match a specification. Error: usage, infra.
Result<std::vector<cards::Card>> find_cards(const std::string& text);

class TakenCards {
 public:
  // Reserve the cards that `text`, a specification, names: all of them, or for `auto` and `vfio` all cards that no
  // other agent holds. `owner` is shown to people: the run. Error: those of find_cards, busy, io, config.
  static Result<TakenCards> take(const std::string& text, const std::string& owner, const Config& config);

  const std::vector<cards::Card>& cards() const { return m_cards; }
  // Renew the leases. Call it every few seconds. Error: busy (another agent may hold the cards by now).
  Result<void> keep() const { return m_held ? m_held->keep() : Result<void>(); }

 private:
  explicit TakenCards(std::vector<cards::Card> cards) : m_cards(std::move(cards)) {}

  std::vector<cards::Card> m_cards;
  std::optional<cards::HeldCards> m_held;  // no value: the cards are not shared
};

struct ExpandedProfile {
  cards::Expanded all;                      // for every worker
  std::vector<cards::FileVariables> files;  // for single files
  std::vector<std::string> capabilities;    // capabilities that workers keep
  std::optional<Isolation> isolation;       // instead of `auto`
  std::optional<cards::PlainTests> inject;  // as cards::Profile::inject
};

// Return the profile of these cards. `known`: values for ${NAME}, which take precedence over the agent's variables.
// Error: config.
Result<ExpandedProfile> profile_of(const std::vector<cards::Card>& cards, const cards::Variables& known,
                                   const Config& config);

}  // namespace spyre::job
