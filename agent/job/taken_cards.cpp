// SPDX-License-Identifier: Apache-2.0
#include "agent/job/taken_cards.hpp"

#include "agent/core/files.hpp"
#include "agent/core/secrets.hpp"
#include "agent/job/directories.hpp"
#include "embedded/spyre_pipelines.hpp"

namespace spyre::job {

Result<std::vector<cards::Card>> find_cards(const std::string& text) {
  TRY(const cards::CardSpec spec, cards::parse_card_spec(text));
  return cards::find_cards(spec, cards::Machine::here());
}

Result<TakenCards> TakenCards::take(const std::string& text, const std::string& owner, const Config& config) {
  using Kind = cards::CardSpec::Source;
  TRY(const cards::CardSpec spec, cards::parse_card_spec(text));
  TRY(std::vector<cards::Card> found, cards::find_cards(spec, cards::Machine::here()));
  TakenCards taken(std::move(found));
  // CPU slots are not reserved.
  if (config.cards.lease == Seconds::zero() || spec.source == Kind::cpu) return taken;
  TRY(const std::filesystem::path directory, leases_directory(config));
  const bool any = spec.source == Kind::automatic || spec.source == Kind::vfio;
  TRY(cards::HeldCards held, cards::HeldCards::take(directory, owner, taken.m_cards, any));
  taken.m_cards = held.cards();
  taken.m_held = std::move(held);
  return taken;
}

Result<ExpandedProfile> profile_of(const std::vector<cards::Card>& cards, const cards::Variables& known,
                                   const Config& config) {
  const std::string& file = config.cards.profiles;
  std::string text(pipelines::profiles);
  if (!file.empty()) {
    TRY(text, read_file(file));
  }
  const std::string name = config.cards.profile == "auto" ? cards.front().kind : config.cards.profile;
  TRY(cards::Profile profile, cards::read_profile(text, file.empty() ? "profiles.yaml" : file, name));
  cards::Variables all = known;
  for (const auto& [variable, value] : cards::Machine::here().environment) {
    if (!is_withheld(variable)) all.emplace(variable, value);
  }
  return ExpandedProfile{cards::expand(profile.variables, all), std::move(profile.files),
                         std::move(profile.capabilities), profile.isolation, profile.inject};
}

}  // namespace spyre::job
