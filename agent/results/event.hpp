// SPDX-License-Identifier: Apache-2.0
// What happens in a run, as its journal records it. schemas/journal.schema.json describes every line.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/results/cause.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::results {

namespace event {
// Always the first event, and only the first.
struct RunStarted {
  struct Batch {
    std::string id, file;
    std::vector<std::string> units;
  };
  std::string run_id, revision, stage, started;  // started: RFC 3339
  std::string card_kind;                         // "cpu", "spyre"
  std::size_t tests = 0;
  std::map<std::string, std::vector<std::string>> tags;  // by test
  std::vector<Batch> batches;
  std::string stack_key = {};  // of results::stack_key; empty: unknown
};
// Infrastructure failures recorded before this event become warnings.
struct RunResumed {
  std::string started;         // RFC 3339
  std::string stack_key = {};  // as in RunStarted
};
struct BatchStarted {
  std::string batch;
  std::vector<int> cards;
};
// A test class that the worker instantiated for a device outside of PyTorch's tree.
struct InjectedClass {
  enum class Kind {
    restricted,  // the file does not allow the device
    device,      // its tests take a device, but the file does not create device classes
    plain,       // its tests do not take a device: they cover the host
  };
  std::string name;
  Kind kind = Kind::plain;

  bool operator==(const InjectedClass&) const = default;
};
std::string_view name(InjectedClass::Kind kind);
std::optional<InjectedClass::Kind> parse_injected_kind(std::string_view name);

struct BatchCollected {
  struct Case {
    std::string id, unit;
    bool generated = false;
  };
  std::string batch;
  double import_s = 0;
  std::vector<Case> cases;
  std::vector<InjectedClass> injected = {};
};
// No card will run this batch.
struct BatchNotRun {
  std::string batch;
  Cause cause = {};         // none: the reason gives it
  std::string reason = {};  // empty, without a cause: the record derives it from how the run ended
};
struct CaseStarted {
  std::string batch, id;
};
// One attempt. A file that cannot be imported is a case with the path as its id, and the only case of its batch.
struct CaseFinished {
  std::string batch, id, unit;
  Attempt attempt;
};
struct BatchFinished {
  std::string batch;
};
// Also counts as a warning.
struct CardCordoned {
  int card = -1;
  double length_s = 0;
  std::string message;
};
struct Warning {
  std::string message;
};
// An infrastructure failure prevented tests from running.
struct Infra {
  std::string message;
};
struct RunFinished {
  int interrupted_by = 0;  // a signal number; 0: the run ended by itself
};
// An event of a kind that a later version added. This version never writes it.
struct Unknown {
  std::string name;
};
}  // namespace event

struct Event {
  using What = std::variant<event::CaseStarted, event::CaseFinished, event::BatchStarted, event::BatchCollected,
                            event::BatchNotRun, event::BatchFinished, event::RunStarted, event::RunResumed,
                            event::RunFinished, event::CardCordoned, event::Warning, event::Infra, event::Unknown>;
  // Seconds since the start of the run, without the pause between an interruption and its resumption.
  double t = 0;
  What what;
};

// Return the name of an event: "case_started".
std::string_view name(const Event& event);

nlohmann::json to_json(const Event& event);
// Read an event. Unknown fields are ignored, so that older versions can read newer journals. Error: invalid (a field is
// missing or of the wrong type; with a hint: the journal has another format version).
Result<Event> read_event(const nlohmann::json& object);

}  // namespace spyre::results
