// SPDX-License-Identifier: Apache-2.0
#include "testsel/stages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::testsel {
namespace {

constexpr int max_cards = 1'000'000;

Result<const Yaml*> need(const Yaml& node, std::string_view key) {
  if (const Yaml* value = node.find(key)) return value;
  return node.error(fmt::format("a stage needs the key '{}'", key));
}

Result<Stage> read_stage(const Yaml& node) {
  CHECK_OK(node.check_keys({"id", "fraction", "cards", "cadence", "description"}));
  Stage stage;
  TRY(const Yaml* id, need(node, "id"));
  TRY(stage.id, id->as_string());
  if (stage.id.empty()) return id->error("the id is empty");
  TRY(const Yaml* fraction, need(node, "fraction"));
  TRY(stage.fraction, fraction->as_number(0, 1));
  TRY(const Yaml* cards, need(node, "cards"));
  TRY(const std::int64_t count, cards->as_int(0, max_cards));
  stage.cards = static_cast<int>(count);
  if (const Yaml* cadence = node.find("cadence")) {
    TRY(stage.cadence, cadence->as_string());
  }
  if (const Yaml* description = node.find("description")) {
    TRY(stage.description, description->as_string());
  }
  return stage;
}

}  // namespace

Result<Stages> Stages::parse(std::string_view text, std::string_view origin) {
  TRY(const Yaml root, Yaml::parse(text, origin));
  CHECK_OK(root.check_keys({"stages"}));
  const Yaml* list = root.find("stages");
  if (list == nullptr || list->kind() != Yaml::Kind::list || list->items().empty()) {
    return (list == nullptr ? root : *list).error("expected a list of stages");
  }
  Stages stages;
  for (const Yaml& node : list->items()) {
    TRY(Stage stage, read_stage(node));
    if (stages.find(stage.id)) return node.error(fmt::format("there is another stage '{}'", stage.id));
    stages.m_stages.push_back(std::move(stage));
  }
  return stages;
}

Result<Stage> Stages::find(std::string_view id) const {
  const auto found = std::find_if(m_stages.begin(), m_stages.end(), [&](const Stage& stage) { return stage.id == id; });
  if (found != m_stages.end()) return *found;
  std::vector<std::string> ids;
  for (const Stage& stage : m_stages) ids.push_back(stage.id);
  return fail(ErrorKind::usage, fmt::format("there is no stage '{}'", shorten(id, 40)),
              fmt::format("the stages are {}", join(ids, ", ")));
}

}  // namespace spyre::testsel
