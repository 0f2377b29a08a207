// SPDX-License-Identifier: Apache-2.0
#include "agent/results/event.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

using nlohmann::json;

void put_text(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

void put_cause(json& object, const Cause& cause) {
  if (cause.kind != Cause::Kind::none) object["cause"] = to_json(cause);
}

json fields_of(const event::RunStarted& started) {
  json batches = json::array();
  for (const auto& batch : started.batches) {
    batches.push_back({{"id", batch.id}, {"file", batch.file}, {"units", batch.units}});
  }
  return {{"schema", schema_id("journal")}, {"run_id", started.run_id},       {"revision", started.revision},
          {"stage", started.stage},         {"started", started.started},     {"tests", started.tests},
          {"tags", started.tags},           {"card_kind", started.card_kind}, {"batches", std::move(batches)},
          {"stack_key", started.stack_key}};
}

json fields_of(const event::RunResumed& resumed) {
  return {{"started", resumed.started}, {"stack_key", resumed.stack_key}};
}

json fields_of(const event::RunFinished& finished) {
  json object = json::object();
  if (finished.interrupted_by != 0) object["interrupted_by"] = finished.interrupted_by;
  return object;
}

json fields_of(const event::BatchStarted& started) {
  return {{"batch", started.batch}, {"cards", started.cards}};
}

json fields_of(const event::BatchCollected& collected) {
  json cases = json::array();
  for (const auto& each : collected.cases) {
    json object{{"id", each.id}, {"unit", each.unit}};
    if (each.generated) object["generated"] = true;
    cases.push_back(std::move(object));
  }
  json object{{"batch", collected.batch}, {"import_s", collected.import_s}, {"cases", std::move(cases)}};
  for (const event::InjectedClass& each : collected.injected) {
    object["injected"].push_back({{"class", each.name}, {"kind", event::name(each.kind)}});
  }
  return object;
}

json fields_of(const event::BatchNotRun& not_run) {
  json object{{"batch", not_run.batch}};
  put_cause(object, not_run.cause);
  put_text(object, "reason", not_run.reason);
  return object;
}

json fields_of(const event::BatchFinished& finished) {
  return {{"batch", finished.batch}};
}

json fields_of(const event::CaseStarted& started) {
  return {{"batch", started.batch}, {"id", started.id}};
}

json fields_of(const event::CaseFinished& finished) {
  const Attempt& attempt = finished.attempt;
  json object{{"batch", finished.batch},
              {"id", finished.id},
              {"unit", finished.unit},
              {"outcome", name(attempt.outcome)},
              {"duration_s", attempt.duration_s}};
  put_text(object, "message", attempt.message);
  put_text(object, "details", attempt.details);
  put_text(object, "output", attempt.output);
  if (attempt.card >= 0) object["card"] = attempt.card;
  put_cause(object, attempt.cause);
  return object;
}

json fields_of(const event::CardCordoned& cordoned) {
  return {{"card", cordoned.card}, {"length_s", cordoned.length_s}, {"message", cordoned.message}};
}

json fields_of(const event::Warning& warning) {
  return {{"message", warning.message}};
}

json fields_of(const event::Infra& infra) {
  return {{"message", infra.message}};
}

json fields_of(const event::Unknown&) {
  return json::object();
}

Result<void> check_schema(const json& object) {
  TRY(const std::string schema, text(object, "schema"));
  if (schema == schema_id("journal")) return {};
  return fail(ErrorKind::invalid,
              fmt::format("the journal has the schema '{}', expected '{}'", shorten(schema, 100), schema_id("journal")),
              "use the version of spyre-ci that started the run, or start the run again in another directory");
}

Result<Event::What> read_run_started(const json& object) {
  CHECK_OK(check_schema(object));
  event::RunStarted started;
  TRY(started.run_id, text(object, "run_id"));
  TRY(started.revision, text_or(object, "revision", {}));
  TRY(started.stage, text_or(object, "stage", {}));
  TRY(started.started, text_or(object, "started", {}));
  TRY(started.card_kind, text_or(object, "card_kind", {}));
  TRY(started.stack_key, text_or(object, "stack_key", {}));
  TRY(started.tests, count_or(object, "tests", 0));
  if (const auto tags = object.find("tags"); tags != object.end() && tags->is_object()) {
    for (const auto& [unit, ignored] : tags->items()) {
      TRY(started.tags[unit], texts(*tags, unit));
    }
  }
  TRY(const json* batches, list(object, "batches"));
  for (const json& item : *batches) {
    event::RunStarted::Batch batch;
    TRY(batch.id, text(item, "id"));
    TRY(batch.file, text_or(item, "file", {}));
    TRY(batch.units, texts(item, "units"));
    started.batches.push_back(std::move(batch));
  }
  return started;
}

Result<Event::What> read_run_resumed(const json& object) {
  event::RunResumed resumed;
  TRY(resumed.started, text_or(object, "started", {}));
  TRY(resumed.stack_key, text_or(object, "stack_key", {}));
  return resumed;
}

Result<Event::What> read_run_finished(const json& object) {
  TRY(const int signal, int_or(object, "interrupted_by", 0));
  return event::RunFinished{signal};
}

Result<Event::What> read_batch_started(const json& object) {
  event::BatchStarted started;
  TRY(started.batch, text(object, "batch"));
  TRY(started.cards, ints(object, "cards"));
  return started;
}

Result<Event::What> read_batch_collected(const json& object) {
  event::BatchCollected collected;
  TRY(collected.batch, text(object, "batch"));
  TRY(collected.import_s, number_or(object, "import_s", 0));
  TRY(const json* cases, list(object, "cases"));
  collected.cases.reserve(cases->size());
  for (const json& item : *cases) {
    event::BatchCollected::Case each;
    TRY(each.id, text(item, "id"));
    TRY(each.unit, text_or(item, "unit", each.id));
    TRY(each.generated, flag_or(item, "generated", false));
    collected.cases.push_back(std::move(each));
  }
  if (object.contains("injected")) {
    TRY(const json* injected, list(object, "injected"));
    for (const json& item : *injected) {
      TRY(std::string class_name, text(item, "class"));
      TRY(const std::string kind, text(item, "kind"));
      const auto known = event::parse_injected_kind(kind);
      if (!known) return fail(ErrorKind::invalid, fmt::format("unknown kind of class '{}'", shorten(kind, 100)));
      collected.injected.push_back({std::move(class_name), *known});
    }
  }
  return collected;
}

Result<Event::What> read_batch_not_run(const json& object) {
  event::BatchNotRun not_run;
  TRY(not_run.batch, text(object, "batch"));
  TRY(not_run.cause, read_cause(object));
  TRY(not_run.reason, text_or(object, "reason", {}));
  return not_run;
}

Result<Event::What> read_batch_finished(const json& object) {
  TRY(std::string batch, text(object, "batch"));
  return event::BatchFinished{std::move(batch)};
}

Result<Event::What> read_case_started(const json& object) {
  event::CaseStarted started;
  TRY(started.batch, text(object, "batch"));
  TRY(started.id, text(object, "id"));
  return started;
}

Result<Event::What> read_case_finished(const json& object) {
  event::CaseFinished finished;
  TRY(finished.batch, text(object, "batch"));
  TRY(finished.id, text(object, "id"));
  TRY(finished.unit, text_or(object, "unit", finished.id));
  Attempt& attempt = finished.attempt;
  TRY(const std::string outcome, text(object, "outcome"));
  const auto parsed = parse_outcome(outcome);
  if (!parsed) return fail(ErrorKind::invalid, fmt::format("unknown outcome '{}'", outcome));
  attempt.outcome = *parsed;
  TRY(attempt.duration_s, number_or(object, "duration_s", 0));
  attempt.duration_s = std::max(attempt.duration_s, 0.0);
  TRY(attempt.message, text_or(object, "message", {}));
  TRY(attempt.details, text_or(object, "details", {}));
  TRY(attempt.output, text_or(object, "output", {}));
  TRY(attempt.card, int_or(object, "card", -1));
  TRY(attempt.cause, read_cause(object));
  return finished;
}

Result<Event::What> read_card_cordoned(const json& object) {
  event::CardCordoned cordoned;
  TRY(cordoned.card, int_or(object, "card", -1));
  TRY(cordoned.length_s, number_or(object, "length_s", 0));
  TRY(cordoned.message, text(object, "message"));
  return cordoned;
}

Result<Event::What> read_warning(const json& object) {
  TRY(std::string message, text(object, "message"));
  return event::Warning{std::move(message)};
}

Result<Event::What> read_infra(const json& object) {
  TRY(std::string message, text(object, "message"));
  return event::Infra{std::move(message)};
}

struct EventKind {
  std::string_view name;
  Result<Event::What> (*read)(const json&);
};
// In the order of Event::What, without Unknown; the most frequent first.
constexpr std::array kinds{
    EventKind{"case_started", read_case_started},
    EventKind{"case_finished", read_case_finished},
    EventKind{"batch_started", read_batch_started},
    EventKind{"batch_collected", read_batch_collected},
    EventKind{"batch_not_run", read_batch_not_run},
    EventKind{"batch_finished", read_batch_finished},
    EventKind{"run_started", read_run_started},
    EventKind{"run_resumed", read_run_resumed},
    EventKind{"run_finished", read_run_finished},
    EventKind{"card_cordoned", read_card_cordoned},
    EventKind{"warning", read_warning},
    EventKind{"infra", read_infra},
};
static_assert(kinds.size() + 1 == std::variant_size_v<Event::What>);

}  // namespace

namespace event {

constexpr std::array<std::string_view, 3> injected_kinds{"restricted", "device", "plain"};  // as in InjectedClass

std::string_view name(InjectedClass::Kind kind) {
  return injected_kinds[static_cast<std::size_t>(kind)];
}

std::optional<InjectedClass::Kind> parse_injected_kind(std::string_view name) {
  const auto found = std::ranges::find(injected_kinds, name);
  if (found == injected_kinds.end()) return std::nullopt;
  return static_cast<InjectedClass::Kind>(found - injected_kinds.begin());
}

}  // namespace event

std::string_view name(const Event& event) {
  if (const auto* unknown = std::get_if<event::Unknown>(&event.what)) return unknown->name;
  return kinds[event.what.index()].name;
}

nlohmann::json to_json(const Event& event) {
  json object = std::visit([](const auto& one) { return fields_of(one); }, event.what);
  object["event"] = name(event);
  object["t"] = event.t;
  return object;
}

Result<Event> read_event(const nlohmann::json& object) {
  if (!object.is_object()) return fail(ErrorKind::invalid, "invalid event: not an object");
  Event event;
  TRY(std::string kind, text(object, "event"));
  if (kind == "card_quarantined") kind = "card_cordoned";  // the older name
  TRY(event.t, number_or(object, "t", 0));
  const auto known = std::ranges::find(kinds, kind, &EventKind::name);
  if (known == kinds.end()) {
    event.what = event::Unknown{std::move(kind)};
  } else {
    TRY(event.what, known->read(object));
  }
  return event;
}

}  // namespace spyre::results
