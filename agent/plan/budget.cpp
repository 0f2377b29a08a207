// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <numeric>

#include "agent/plan/outline.hpp"

namespace spyre::plan {
namespace {

// Largest share of the budget for one test: many tests say more about a backend than one test over all operators.
constexpr double largest_share = 0.1;

// Return the units for which `keep` is true.
template <typename Predicate>
Work filtered(const Work& work, Predicate keep) {
  Work out{{}, work.ranks};
  for (const FileWork& file : work.files) {
    FileWork kept{.texts = file.texts, .path = file.path, .import_s = file.import_s, .units = {}};
    std::ranges::copy_if(file.units, std::back_inserter(kept.units), [&](const UnitWork& u) { return keep(file, u); });
    if (kept.units.empty()) continue;
    add_up(kept);
    out.files.push_back(std::move(kept));
  }
  return out;
}

Work first_ranks(const Work& work, std::size_t ranks) {
  return filtered(work, [ranks](const FileWork&, const UnitWork& unit) { return unit.rank < ranks; });
}

}  // namespace

double shortest_time(const FileWork& file, const UnitWork& unit, int cards) {
  return file.import_s + std::max(unit.longest_case_s, unit.seconds * unit.width / cards);
}

Work within_budget(const Work& work, int cards, Seconds budget) {
  const double limit = budget.count();
  const Work fitting = filtered(
      work, [&](const FileWork& file, const UnitWork& unit) { return shortest_time(file, unit, cards) <= limit; });
  const Work modest = filtered(fitting, [&](const FileWork&, const UnitWork& unit) {
    return unit.seconds * unit.width <= largest_share * limit * cards;
  });
  const Work& possible = modest.files.empty() ? fitting : modest;
  const auto fits = [&](std::size_t ranks) {
    const Work part = first_ranks(possible, ranks);
    return lower_bound(part, cards) <= limit && outline(part, cards).deal.makespan_s <= limit;
  };
  std::size_t good = 0;
  std::size_t bad = possible.ranks + 1;
  while (good + 1 < bad) {
    const std::size_t middle = std::midpoint(good, bad);
    (fits(middle) ? good : bad) = middle;
  }
  return first_ranks(possible, good);
}

std::vector<std::string> missing_units(const Work& part, const Work& all) {
  std::vector<const UnitWork*> missing;
  auto file = part.files.begin();
  for (const FileWork& whole : all.files) {
    const bool present = file != part.files.end() && file->path == whole.path;
    auto unit = present ? file->units.begin() : std::vector<UnitWork>::const_iterator{};
    for (const UnitWork& candidate : whole.units) {
      if (present && unit != file->units.end() && unit->id.data() == candidate.id.data()) {
        ++unit;
      } else {
        missing.push_back(&candidate);
      }
    }
    if (present) ++file;
  }
  std::ranges::sort(missing, [](const UnitWork* a, const UnitWork* b) {
    return a->rank != b->rank ? a->rank < b->rank : a->id < b->id;
  });
  std::vector<std::string> ids;
  ids.reserve(missing.size());
  for (const UnitWork* unit : missing) ids.emplace_back(unit->id);
  return ids;
}

}  // namespace spyre::plan
