// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/planner.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "agent/cards/card.hpp"
#include "agent/core/text.hpp"
#include "agent/plan/cut.hpp"
#include "agent/plan/deal.hpp"
#include "agent/plan/work.hpp"

namespace spyre::plan {
namespace {

struct Outline {
  std::vector<Chunk> chunks;
  Deal deal;
};

Outline outline(const Work& work, int cards) {
  std::vector<Chunk> chunks = cut(work, total_seconds(work) / cards);
  Deal dealt = deal(work, chunks, cards);
  return {std::move(chunks), std::move(dealt)};
}

// The units for which `keep` is true.
template <typename Predicate>
Work filtered(const Work& work, Predicate keep) {
  Work out{{}, work.ranks};
  for (const FileWork& file : work.files) {
    FileWork kept{file.path, file.import_s, {}};
    std::ranges::copy_if(file.units, std::back_inserter(kept.units), [&](const UnitWork& u) { return keep(file, u); });
    if (!kept.units.empty()) out.files.push_back(std::move(kept));
  }
  return out;
}

Work first_ranks(const Work& work, std::size_t ranks) {
  return filtered(work, [ranks](const FileWork&, const UnitWork& unit) { return unit.rank < ranks; });
}

// The units of the longest prefix of ranks whose plan keeps to the budget.
Work within_budget(const Work& work, int cards, double budget_s) {
  const Work possible = filtered(work, [&](const FileWork& file, const UnitWork& unit) {
    return file.import_s + std::max(unit.longest_case_s, unit.seconds / cards) <= budget_s;
  });
  const auto fits = [&](std::size_t ranks) {
    const Work part = first_ranks(possible, ranks);
    return lower_bound(part, cards) <= budget_s && outline(part, cards).deal.makespan_s <= budget_s;
  };
  std::size_t good = 0, bad = possible.ranks + 1;
  while (good + 1 < bad) {
    const std::size_t middle = std::midpoint(good, bad);
    (fits(middle) ? good : bad) = middle;
  }
  return first_ranks(possible, good);
}

std::vector<std::string> units_missing_in(const Work& part, const Work& all) {
  std::vector<const UnitWork*> missing;
  auto file = part.files.begin();
  for (const FileWork& whole : all.files) {
    const bool present = file != part.files.end() && file->path == whole.path;
    auto unit = present ? file->units.begin() : std::vector<UnitWork>::const_iterator{};
    for (const UnitWork& candidate : whole.units) {
      if (present && unit != file->units.end() && unit->id == candidate.id) {
        ++unit;
      } else {
        missing.push_back(&candidate);
      }
    }
    if (present) ++file;
  }
  std::ranges::sort(missing, [](const UnitWork* a, const UnitWork* b) {
    return a->rank != b->rank ? a->rank < b->rank : *a->id < *b->id;
  });
  std::vector<std::string> ids;
  ids.reserve(missing.size());
  for (const UnitWork* unit : missing) ids.push_back(*unit->id);
  return ids;
}

double estimate(const Work& work, const Chunk& chunk) {
  return whole_milliseconds(work.files[chunk.file].import_s + chunk.seconds);
}

std::vector<std::size_t> longest_first(const Work& work, const std::vector<Chunk>& chunks) {
  std::vector<std::size_t> order(chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> estimates(chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) estimates[i] = estimate(work, chunks[i]);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return estimates[a] > estimates[b]; });
  return order;
}

Batch make_batch(const Work& work, const Chunk& chunk, std::string id) {
  const FileWork& file = work.files[chunk.file];
  Batch batch;
  batch.id = std::move(id);
  batch.file = file.path;
  batch.units.reserve(chunk.units.size());
  for (const UnitWork* unit : chunk.units) batch.units.push_back(*unit->id);
  batch.import_s = file.import_s;
  batch.estimate_s = estimate(work, chunk);
  batch.piece = chunk.piece;
  batch.pieces = chunk.pieces;
  return batch;
}

void fill_plan(Plan& plan, const Work& work, const Outline& outline) {
  const std::vector<Chunk>& chunks = outline.chunks;
  const int digits = std::max(4, static_cast<int>(std::to_string(chunks.size()).size()));
  std::vector<std::string> ids(chunks.size());
  plan.batches.reserve(chunks.size());
  for (const std::size_t chunk : longest_first(work, chunks)) {
    ids[chunk] = fmt::format("b{:0{}}", plan.batches.size() + 1, digits);
    plan.batches.push_back(make_batch(work, chunks[chunk], ids[chunk]));
  }
  for (std::size_t i = 0; i < outline.deal.shards.size(); ++i) {
    Shard shard{static_cast<int>(i), {}, whole_milliseconds(outline.deal.ends_s[i])};
    for (const std::size_t chunk : outline.deal.shards[i]) shard.batches.push_back(ids[chunk]);
    plan.shards.push_back(std::move(shard));
  }
  plan.makespan_s = whole_milliseconds(outline.deal.makespan_s);
  plan.lower_bound_s = std::min(whole_milliseconds(lower_bound(work, plan.cards)), plan.makespan_s);
}

tl::unexpected<Error> budget_too_small(const Work& work, int cards, double budget_s) {
  double shortest = std::numeric_limits<double>::infinity();
  const UnitWork* easiest = nullptr;
  for (const FileWork& file : work.files) {
    for (const UnitWork& unit : file.units) {
      const double seconds = file.import_s + std::max(unit.longest_case_s, unit.seconds / cards);
      if (seconds >= shortest) continue;
      shortest = seconds;
      easiest = &unit;
    }
  }
  return fail(ErrorKind::usage,
              fmt::format("--budget {} is too short for any test: even {} needs about {}, import included",
                          format_duration(Seconds{budget_s}), *easiest->id, format_duration(Seconds{shortest})),
              "give more time, or durations that know better (--durations)");
}

}  // namespace

Result<Plan> make_plan(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options) {
  if (options.cards < 1 || options.cards > cards::max_cards) {
    return fail(ErrorKind::usage, fmt::format("cannot plan for {} cards", options.cards),
                fmt::format("give a number from 1 to {}", cards::max_cards));
  }
  const Work all = measure(selection, durations);
  if (all.files.empty()) {
    return fail(ErrorKind::nothing_selected, "the selection is empty: there is nothing to plan",
                "choose a larger stage or fraction, or look at what the scope leaves out");
  }
  Plan plan;
  plan.revision = selection.revision;
  plan.stage = selection.stage;
  plan.cards = options.cards;
  if (!options.budget) {
    fill_plan(plan, all, outline(all, options.cards));
    return plan;
  }
  const Work part = within_budget(all, options.cards, options.budget->count());
  if (part.files.empty()) return budget_too_small(all, options.cards, options.budget->count());
  fill_plan(plan, part, outline(part, options.cards));
  plan.omitted = units_missing_in(part, all);
  return plan;
}

}  // namespace spyre::plan
