// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cards/card.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/plan/durations.hpp"
#include "agent/plan/fields.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {
namespace {

// A name from a foreign document, shortened to fit on one line.
std::string shown(std::string_view name) {
  return shorten(name, 200);
}

template <typename Read>
auto read_list(const Field& list, Read read) -> Result<std::vector<typename decltype(read(list))::value_type>> {
  std::vector<typename decltype(read(list))::value_type> out;
  TRY(const std::size_t size, list.array_size());
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    TRY(auto item, read(list.item(i)));
    out.push_back(std::move(item));
  }
  return out;
}

Result<std::vector<std::string>> read_names(const Field& list) {
  return read_list(list, [](const Field& item) { return item.as_name(); });
}

Result<int> read_int(const Field& object, std::string_view key, int min, int max) {
  TRY(const Field field, object.at(key));
  TRY(const std::int64_t number, field.as_int(min, max));
  return static_cast<int>(number);
}

Result<int> read_int(const Field& object, std::string_view key, int min, int max, int absent) {
  return object.has(key) ? read_int(object, key, min, max) : Result<int>(absent);
}

Result<double> read_seconds(const Field& object, std::string_view key) {
  TRY(const Field field, object.at(key));
  return field.as_seconds();
}

Result<std::string> read_text(const Field& object, std::string_view key) {
  TRY(const Field field, object.at(key));
  return field.as_string();
}

// A plan may name only files of the checkout.
Result<std::string> read_path(const Field& object, std::string_view key) {
  TRY(const Field field, object.at(key));
  TRY(std::string path, field.as_name());
  const std::filesystem::path parts(path);
  const bool leaves = std::ranges::any_of(parts, [](const auto& part) { return part == ".."; });
  if (parts.is_absolute() || leaves) return field.error("expected a path beneath the source tree");
  return path;
}

Result<Units> read_units(const Field& object, std::string_view file) {
  TRY(const Field tests, object.at("tests"));
  TRY(std::vector<std::string> units, read_names(tests));
  if (units.empty()) return tests.error("a batch needs at least one test");
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (file_of(units[i]) != file)
      return tests.item(i).error(fmt::format("this test is not of the file {}", shown(file)));
  }
  std::ranges::sort(units);
  return Units(units.begin(), units.end());
}

Result<Batch> read_batch(const Field& object, int cards) {
  Batch batch;
  TRY(const Field id, object.at("id"));
  TRY(batch.id, id.as_name());
  TRY(batch.file, read_path(object, "file"));
  TRY(batch.units, read_units(object, batch.file));
  TRY(batch.cards, read_int(object, "cards", 1, cards));
  TRY(batch.estimate_s, read_seconds(object, "estimate_s"));
  if (object.has("import_s")) {
    TRY(batch.import_s, read_seconds(object, "import_s"));
    if (batch.import_s > batch.estimate_s) return object.error("import_s is a part of estimate_s, but larger");
  }
  if (object.has("longest_s")) {
    TRY(batch.longest_s, read_seconds(object, "longest_s"));
  }
  TRY(batch.pieces, read_int(object, "pieces", 1, max_pieces, 1));
  TRY(batch.piece, read_int(object, "piece", 0, batch.pieces - 1, 0));
  return batch;
}

Result<Shard> read_shard(const Field& object, std::size_t position, int cards) {
  Shard shard;
  TRY(const Field index, object.at("index"));
  TRY(shard.index, read_int(object, "index", 0, cards::max_cards - 1));
  if (static_cast<std::size_t>(shard.index) != position) return index.error(fmt::format("expected {}", position));
  TRY(shard.cards, read_int(object, "cards", 1, cards, 1));
  TRY(const Field batches, object.at("batches"));
  TRY(shard.batches, read_names(batches));
  TRY(shard.estimate_s, read_seconds(object, "estimate_s"));
  return shard;
}

// How all batches together use one unit.
struct Coverage {
  int pieces = 1;
  std::vector<int> seen;  // pieces that have a batch
};

Result<void> check_units(const Plan& plan, const Field& batches, const Field& document) {
  std::unordered_map<std::string_view, Coverage> covered;
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    const Batch& batch = plan.batches[i];
    for (const std::string_view unit : batch.units) {
      Coverage& coverage = covered.try_emplace(unit, Coverage{batch.pieces, {}}).first->second;
      const bool again = std::ranges::find(coverage.seen, batch.piece) != coverage.seen.end();
      if (again || coverage.pieces != batch.pieces) {
        return batches.item(i).error(fmt::format("{} is in another batch already", shown(unit)));
      }
      coverage.seen.push_back(batch.piece);
    }
  }
  for (const Batch& batch : plan.batches) {
    for (const std::string_view unit : batch.units) {
      const Coverage& coverage = covered.at(unit);
      if (coverage.seen.size() == static_cast<std::size_t>(coverage.pieces)) continue;
      return batches.error(fmt::format("{} of the {} pieces of {} are in no batch",
                                       coverage.pieces - static_cast<int>(coverage.seen.size()), coverage.pieces,
                                       shown(unit)));
    }
  }
  for (const std::string& unit : plan.omitted) {
    if (!covered.try_emplace(unit).second) {
      return document.error(fmt::format("omitted: {} is named twice, or is in a batch too", shown(unit)));
    }
  }
  return {};
}

Result<void> check_shards(const Plan& plan, const Field& batches, const Field& shards) {
  struct Use {
    std::size_t index = 0;
    int uses = 0;
  };
  std::unordered_map<std::string_view, Use> uses;
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    if (!uses.try_emplace(plan.batches[i].id, Use{i, 0}).second) {
      return batches.item(i).error(fmt::format("the id {} is taken by another batch", shown(plan.batches[i].id)));
    }
  }
  std::int64_t cards = 0;
  for (std::size_t i = 0; i < plan.shards.size(); ++i) {
    cards += plan.shards[i].cards;
    for (const std::string& id : plan.shards[i].batches) {
      const auto found = uses.find(id);
      if (found == uses.end()) return shards.item(i).error(fmt::format("there is no batch {}", shown(id)));
      if (plan.batches[found->second.index].cards > plan.shards[i].cards) {
        return shards.item(i).error(fmt::format("batch {} needs more cards than the shard has", shown(id)));
      }
      if (++found->second.uses > 1)
        return shards.item(i).error(fmt::format("batch {} is in a shard already", shown(id)));
    }
  }
  for (const Batch& batch : plan.batches) {
    if (uses.at(batch.id).uses == 0)
      return shards.error(fmt::format("batch {} is in no shard and would not run", shown(batch.id)));
  }
  if (cards > plan.cards) return shards.error(fmt::format("they need {} cards, more than the {}", cards, plan.cards));
  return {};
}

Result<Plan> parse_plan(const Field& document) {
  Plan plan;
  TRY(plan.revision, read_text(document, "revision"));
  TRY(plan.stage, read_text(document, "stage"));
  TRY(plan.cards, read_int(document, "cards", 1, cards::max_cards));
  TRY(const Field batches, document.at("batches"));
  TRY(plan.batches, read_list(batches, [&](const Field& item) { return read_batch(item, plan.cards); }));
  TRY(const Field shards, document.at("shards"));
  std::size_t position = 0;
  TRY(plan.shards, read_list(shards, [&](const Field& item) { return read_shard(item, position++, plan.cards); }));
  TRY(plan.makespan_s, read_seconds(document, "makespan_s"));
  TRY(plan.lower_bound_s, read_seconds(document, "lower_bound_s"));
  if (document.has("budget_s")) {
    TRY(plan.budget_s, read_seconds(document, "budget_s"));
  }
  if (document.has("omitted")) {
    TRY(const Field omitted, document.at("omitted"));
    TRY(plan.omitted, read_names(omitted));
  }
  if (document.has("notes")) {
    TRY(const Field notes, document.at("notes"));
    auto read = testsel::read_notes(notes.value());
    if (!read) return document.error(read.error().message);
    plan.notes = std::move(*read);
  }
  CHECK_OK(check_shards(plan, batches, shards));
  CHECK_OK(check_units(plan, batches, document));
  return plan;
}

nlohmann::json to_json(const Batch& batch) {
  nlohmann::json out{{"id", batch.id},       {"file", batch.file.view()},      {"tests", plan::to_json(batch.units)},
                     {"cards", batch.cards}, {"estimate_s", batch.estimate_s}, {"import_s", batch.import_s}};
  if (batch.longest_s > 0) out["longest_s"] = batch.longest_s;
  if (batch.pieces > 1) {
    out["piece"] = batch.piece;
    out["pieces"] = batch.pieces;
  }
  return out;
}

}  // namespace

nlohmann::json to_json(const Units& units) {
  nlohmann::json out = nlohmann::json::array();
  for (const std::string_view unit : units) out.push_back(unit);
  return out;
}

bool takes(const Batch& batch, std::string_view case_id) {
  return batch.pieces == 1 ||
         stable_hash(case_id) % static_cast<std::uint64_t>(batch.pieces) == static_cast<std::uint64_t>(batch.piece);
}

nlohmann::json to_json(const Plan& plan) {
  nlohmann::json batches = nlohmann::json::array();
  for (const Batch& batch : plan.batches) batches.push_back(to_json(batch));
  nlohmann::json shards = nlohmann::json::array();
  for (const Shard& shard : plan.shards) {
    shards.push_back(
        {{"index", shard.index}, {"cards", shard.cards}, {"batches", shard.batches}, {"estimate_s", shard.estimate_s}});
  }
  nlohmann::json document{
      {"schema", schema_id("plan")},   {"revision", plan.revision},           {"stage", plan.stage},
      {"cards", plan.cards},           {"batches", std::move(batches)},       {"shards", std::move(shards)},
      {"makespan_s", plan.makespan_s}, {"lower_bound_s", plan.lower_bound_s}, {"omitted", plan.omitted}};
  if (plan.budget_s > 0) document["budget_s"] = plan.budget_s;
  if (!plan.notes.empty()) document["notes"] = testsel::to_json(plan.notes);
  return document;
}

Result<Plan> read_plan(const std::filesystem::path& path) {
  TRY(const nlohmann::json json, read_document(path, "plan"));
  return parse_plan(Field(json, path.string()));
}

}  // namespace spyre::plan
