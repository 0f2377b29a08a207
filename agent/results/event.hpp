// SPDX-License-Identifier: Apache-2.0
// What happens in a run, as its journal tells it: schemas/journal.schema.json describes every line.
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
// Always the first event, and never another one.
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
// Infrastructure failures before it become warnings.
struct RunResumed {
  std::string started;         // RFC 3339
  std::string stack_key = {};  // as in RunStarted
};
struct BatchStarted {
  std::string batch;
  std::vector<int> cards;
};
// A test class of which the worker made one for a device that is not in PyTorch's tree.
struct InjectedClass {
  enum class Kind {
    restricted,  // the file does not allow the device
    device,      // its tests take a device, and the file makes no device classes of it
    plain,       // its tests take no device: what they cover is the host
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
// No card will run it.
struct BatchNotRun {
  std::string batch;
  Cause cause = {};         // none: the reason says it
  std::string reason = {};  // empty, without a cause: the record derives it from how the run ended
};
struct CaseStarted {
  std::string batch, id;
};
// One attempt. A file that cannot be imported is a case of its own, and the only one of its batch; its id is the path.
struct CaseFinished {
  std::string batch, id, unit;
  Attempt attempt;
};
struct BatchFinished {
  std::string batch;
};
// A warning, too.
struct CardCordoned {
  int card = -1;
  double length_s = 0;
  std::string message;
};
struct Warning {
  std::string message;
};
// Something kept tests from being run.
struct Infra {
  std::string message;
};
struct RunFinished {
  int interrupted_by = 0;  // a signal's number; 0: the run came to its end by itself
};
// Of a kind that a later program has added. It is never written.
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

// "case_started".
std::string_view name(const Event& event);

nlohmann::json to_json(const Event& event);
// Unknown fields are ignored, so that older programs can read newer journals. Error: invalid (a field is missing or of
// the wrong type; with a hint: the journal has another format version).
Result<Event> read_event(const nlohmann::json& object);

}  // namespace spyre::results
