// SPDX-License-Identifier: Apache-2.0
// Why an attempt ended as it did, or why a case was not run, as facts. describe() puts them into words.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

struct Cause {
  // The names are written in documents.
  enum class Kind {
    none,  // no known fact: a text gives the reason

    // A time limit expired before the case began.
    budget,       // the budget
    run_limit,    // execute.run_timeout
    batch_limit,  // execute.batch_timeout

    // The process that ran the case, collected its file or was its worker ended.
    signal,       // killed by a signal
    exit_code,    // exited by itself
    unknown_end,  // in an unknown way

    // The agent ended the process.
    case_timeout,   // the time limit of the case
    batch_timeout,  // execute.batch_timeout, while the case ran
    stall,          // no heartbeat for execute.stall_timeout
    memory_limit,   // execute.memory_limit
    bad_events,     // the worker's events are invalid: detail gives the reason

    agent_died,  // every time the case ran

    // Other reasons why a case was not run.
    interrupted,      // a signal to the agent
    run_ended,        // the run ended without running the case
    run_stopped,      // the agent was killed
    infra,            // an infrastructure failure prevented tests from running: detail gives it
    import_failed,    // the file could not be collected: its own case gives the reason
    reimport_failed,  // the file was collected once, but not a second time
    missing,          // the case was missing when its file was collected again
    too_few_cards,    // needs more cards than are usable: detail gives what is wrong with the others
    could_not_start,  // no worker can be started on this number of cards: detail gives the reason
    cards_faulty,     // no card can be used: detail gives the reason
    refused,          // the machine refused a process or files: detail is its error
  };
  enum class Where { test, collection, worker };

  Kind kind = Kind::none;
  double limit_s = 0;             // the time limit that expired
  int signal = 0;                 // of signal and interrupted
  int exit_code = 0;              // of exit_code
  std::uint64_t bytes = 0;        // memory used; for SIGKILL, which may be the kernel's out-of-memory killer
  std::uint64_t limit_bytes = 0;  // of memory_limit
  int cards = 0;                  // number required, for too_few_cards and could_not_start
  int usable_cards = 0;           // of too_few_cards: of all_cards
  int all_cards = 0;
  Where where = Where::test;  // of signal, exit_code and unknown_end: what ended
  bool running = false;       // a case that was not run had already begun
  // Text from other programs, for the kinds that have one. For case_timeout and batch_timeout: the outcome that the
  // case still reported when it was stopped.
  std::string detail = {};

  bool operator==(const Cause&) const = default;
};

// Return a cause with the text of another program.
Cause told(Cause::Kind kind, std::string detail);

// Return whether a time limit expired before the case began.
constexpr bool is_time(const Cause& cause) {
  return cause.kind == Cause::Kind::budget || cause.kind == Cause::Kind::run_limit ||
         cause.kind == Cause::Kind::batch_limit;
}

// Describe a cause for people: "over the budget of 10 min", "crashed: SIGSEGV". Empty for Kind::none.
std::string describe(const Cause& cause);
// Return the part of too_few_cards that does not depend on the case: "only 2 of 3 can be used: card 2: …".
std::string describe_usable_cards(const Cause& cause);

nlohmann::json to_json(const Cause& cause);
// Read the member "cause" of an event. Kind::none when the member is missing or its kind is unknown. Error: invalid.
Result<Cause> read_cause(const nlohmann::json& event);

}  // namespace spyre::results
