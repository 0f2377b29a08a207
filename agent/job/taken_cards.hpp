// SPDX-License-Identifier: Apache-2.0
// The cards of a run: found, taken from other agents of this machine, and what tests on them find in their environment.
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

// The cards of this machine that a spec names. Error: usage, infra.
Result<std::vector<cards::Card>> find_cards(const std::string& text);

class TakenCards {
 public:
  // Those that `text`, a spec, names: all of them, or for `auto` and `vfio`, which name whatever is there, those that
  // no other agent has. `owner` is for people: the run. Error: those of find_cards, busy, io, config.
  static Result<TakenCards> take(const std::string& text, const std::string& owner, const Config& config);

  const std::vector<cards::Card>& cards() const { return m_cards; }
  // To be called every few seconds. Error: busy, when the cards may be another's by now.
  Result<void> keep() const { return m_held ? m_held->keep() : Result<void>(); }

 private:
  explicit TakenCards(std::vector<cards::Card> cards) : m_cards(std::move(cards)) {}

  std::vector<cards::Card> m_cards;
  std::optional<cards::HeldCards> m_held;  // nothing: nobody shares them
};

struct ExpandedProfile {
  cards::Expanded all;                      // what every worker has in its environment
  std::vector<cards::FileVariables> files;  // and for single files
  std::vector<std::string> capabilities;    // that workers keep
  std::optional<Isolation> isolation;       // instead of `auto`
  std::optional<cards::PlainTests> inject;  // as cards::Profile says
};

// The profile of these cards. `known` are values for its ${NAME} that are stronger than the agent's variables. Error:
// config.
Result<ExpandedProfile> profile_of(const std::vector<cards::Card>& cards, const cards::Variables& known,
                                   const Config& config);

}  // namespace spyre::job
