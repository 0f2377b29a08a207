// SPDX-License-Identifier: Apache-2.0
// The decisions of a run as actions: what to write down and what to do, in this order.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/execute/message.hpp"
#include "agent/execute/worker_pool.hpp"
#include "agent/results/event.hpp"
#include "testsel/expectation.hpp"

namespace spyre::execute {

// A case of a batch: its position among the collected cases, and its unit.
struct ChosenCase {
  int index = 0;
  std::string id, unit;
  bool generated = false;
  testsel::Expectation expectation = {};  // with the mode skip it does not run
  bool serial = false;                    // no other case of its file may run at the same time
};

// For the journal. Types that are not journal events hold more than the journal does.
namespace note {
using results::event::BatchFinished;
using results::event::BatchNotRun;
using results::event::BatchStarted;
using results::event::CaseFinished;
using results::event::CaseStarted;
using results::event::Infra;
struct BatchCollected {
  std::string batch;
  double import_s = 0;
  std::vector<ChosenCase> cases;
  std::vector<results::event::InjectedClass> injected = {};
};
struct CardCordoned {
  int card = 0;
  Seconds length{};
  std::string message;
};
struct Warning {
  std::string message;
  std::string source = {};  // a place whose warnings are limited separately; empty: the agent itself
};
}  // namespace note

struct StartWorker {
  WorkerId worker = 0;
  std::vector<int> cards;
};
struct SendCommand {
  WorkerId worker = 0;
  Command command;
};
struct SignalGroup {
  WorkerId worker = 0;
  int pid = 0;
  int signal = 0;
};
struct KillWorker {
  WorkerId worker = 0;
};
// A slice ended: compare pytest's JUnit file with the worker's events, then remove the file.
struct CheckJunit {
  std::string path;
  std::vector<std::pair<std::string, results::Outcome>> cases;  // (id, outcome) from the events
  bool complete = false;                                        // the slice finished: the file must exist
};

using Action = std::variant<note::BatchStarted, note::BatchCollected, note::BatchNotRun, note::CaseStarted,
                            note::CaseFinished, note::BatchFinished, note::CardCordoned, note::Warning, note::Infra,
                            StartWorker, SendCommand, SignalGroup, KillWorker, CheckJunit>;
using Actions = std::vector<Action>;

}  // namespace spyre::execute
