// SPDX-License-Identifier: Apache-2.0
// Why an attempt ended as it did, or why a case was not run: as facts. describe() makes the words.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"

namespace spyre::results {

struct Cause {
  // The names are written in documents.
  enum class Kind {
    none,  // no fact is known: a text says why

    // A limit of time was over before the case began.
    budget,       // the budget
    run_limit,    // execute.run_timeout
    batch_limit,  // execute.batch_timeout

    // The process of the case, of its file's collection or of its worker ended.
    signal,       // by a signal
    exit_code,    // by itself
    unknown_end,  // how is not known

    // The agent ended the process.
    case_timeout,   // the time limit of the case
    batch_timeout,  // execute.batch_timeout, while the case ran
    stall,          // no heartbeat for execute.stall_timeout
    memory_limit,   // execute.memory_limit
    bad_events,     // the worker's events could not be understood any more: detail says which

    agent_died,  // each time that the case ran

    // Other reasons why a case was not run.
    interrupted,      // a signal to the agent
    run_ended,        // the run came to its end without it
    run_stopped,      // the agent was killed
    infra,            // what detail says kept tests from being run
    import_failed,    // the file could not be collected: its own case says why
    reimport_failed,  // the file could be collected, but not again
    missing,          // the case was not there when its file was collected again
    too_few_cards,    // it needs more than can be used: detail says what is wrong with the others
    could_not_start,  // no worker can be started on so many cards: detail says why
    cards_faulty,     // no card can be used: detail says why
    refused,          // the machine gave no process or no files: detail is what it said
  };
  enum class Where { test, collection, worker };

  Kind kind = Kind::none;
  double limit_s = 0;             // the limit of time that was over
  int signal = 0;                 // of signal and interrupted
  int exit_code = 0;              // of exit_code
  std::uint64_t bytes = 0;        // memory that was used; of SIGKILL, which may have been for want of it
  std::uint64_t limit_bytes = 0;  // of memory_limit
  int cards = 0;                  // how many are needed, of too_few_cards and could_not_start
  int usable_cards = 0;           // of too_few_cards: of all_cards
  int all_cards = 0;
  Where where = Where::test;  // of signal, exit_code and unknown_end: what ended
  bool running = false;       // a case that was not run had begun
  // What others said, where the kind says so; of case_timeout and batch_timeout the outcome that the case still had
  // when it was stopped.
  std::string detail = {};

  bool operator==(const Cause&) const = default;
};

// A cause with what others said.
Cause told(Cause::Kind kind, std::string detail);

// Whether a limit of time was over before the case began.
constexpr bool is_time(const Cause& cause) {
  return cause.kind == Cause::Kind::budget || cause.kind == Cause::Kind::run_limit ||
         cause.kind == Cause::Kind::batch_limit;
}

// For people: "over the budget of 10 min", "crashed: SIGSEGV". Empty for none.
std::string describe(const Cause& cause);
// The part of too_few_cards that is the same for all that needs more: "only 2 of 3 can be used: card 2: …".
std::string describe_usable_cards(const Cause& cause);

nlohmann::json to_json(const Cause& cause);
// The member "cause" of an event; none when there is no such member, or it is of a kind that is not known here.
// Error: invalid.
Result<Cause> read_cause(const nlohmann::json& event);

}  // namespace spyre::results
