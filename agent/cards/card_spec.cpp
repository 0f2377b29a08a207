// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "agent/cards/card.hpp"
#include "agent/core/text.hpp"

namespace spyre::cards {
namespace {

constexpr std::string_view spec_help = "write auto, env, vfio, cpu:2 for two CPU slots, or a number for planning only";

Result<int> parse_number_of_cards(std::string_view digits, std::string_view text) {
  const auto count = parse_count(digits, max_cards);
  if (!count) {
    return fail(ErrorKind::usage,
                fmt::format("--cards '{}': '{}' is not a number from 1 to {}", text, digits, max_cards),
                std::string(spec_help));
  }
  if (*count == 0) {
    return fail(ErrorKind::usage, fmt::format("--cards '{}' requests no cards, so no test could run", text),
                "give at least one, as in --cards cpu:1");
  }
  return static_cast<int>(*count);
}

}  // namespace

Result<CardSpec> parse_card_spec(std::string_view text) {
  using Source = CardSpec::Source;
  if (text == "auto") return CardSpec{Source::automatic, 0};
  if (text == "env") return CardSpec{Source::environment, 0};
  if (text == "vfio") return CardSpec{Source::vfio, 0};
  if (text.starts_with("cpu:")) {
    TRY(const int count, parse_number_of_cards(text.substr(4), text));
    return CardSpec{Source::cpu, count};
  }
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    TRY(const int count, parse_number_of_cards(text, text));
    return CardSpec{Source::count, count};
  }
  return fail(ErrorKind::usage,
              fmt::format("--cards '{}' is not a card specification{}", shorten(text, 100),
                          did_you_mean(text, {"auto", "env", "vfio", "cpu:2"})),
              std::string(spec_help));
}

}  // namespace spyre::cards
