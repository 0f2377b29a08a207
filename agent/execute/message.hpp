// SPDX-License-Identifier: Apache-2.0
// The messages between the agent and a worker (agent/pytest/PROTOCOL.md), as values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/cards/profile.hpp"
#include "agent/core/result.hpp"
#include "agent/process/exit_status.hpp"
#include "agent/results/event.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::execute {

inline constexpr int protocol_version = 1;

namespace command {
// Test classes that the worker makes for a device that is not in PyTorch's tree, and PyTorch does not.
struct Inject {
  cards::PlainTests plain = cards::PlainTests::configured;
  std::vector<std::string> configured;  // of the file, by out-of-tree configurations: "TestFoo", "TestFoo::test_x"
};
struct Open {
  std::string file, root, cwd;
  bool fork = true;
  std::vector<std::string> args;
  std::map<std::string, std::string> environment;
  bool plain_asserts = false;  // asserts are not rewritten, unless an option of pytest requests it
  std::optional<Inject> inject = {};
};
struct Run {
  int slice = 0;
  std::vector<int> cases;  // indices into the collected cases
  std::string junit;       // empty: none
  std::uint64_t text_limit = 0;
};
struct Close {};
struct Quit {};
}  // namespace command

using Command = std::variant<command::Open, command::Run, command::Close, command::Quit>;

// Return the JSON text of a command.
std::string encode(const Command& command);

namespace event {
// The state of the device in one process of the worker, according to its module; nothing: unknown.
struct DeviceState {
  std::optional<bool> open = false;
  std::optional<bool> bad_here = false, bad_in_child = false;  // it refuses to work here, in a forked child
  std::vector<std::string> files = {};                         // device files that are open
};
// Conditions that make forked children of a host unusable.
struct ForkCheck {
  DeviceState device = {};
  std::vector<std::string> threads = {};  // names of threads that the import of the file started
  int children = 0;                       // processes that the import of the file started
};
struct Hello {
  int protocol = 0;
  int pid = 0;
  std::string python, pytest, torch;  // versions; torch is empty if it is not preloaded
  double import_s = 0;
  DeviceState device = {};
};
struct Unusable {
  std::string message, details;
};
struct HostStarted {
  int pid = 0;
};
struct CollectionError {
  std::string id;
  results::Outcome outcome = results::Outcome::error;  // error or skipped
  std::string message, details;
};
// A case that pytest collected and then left out.
struct LeftOut {
  int index = 0;
  std::string reason;
};
using results::event::InjectedClass;
struct Collected {
  std::vector<std::string> cases;
  double seconds = 0;
  std::vector<CollectionError> errors;
  std::vector<LeftOut> skipped = {};
  std::vector<int> serial = {};  // indices of cases that must not run beside others of their file
  ForkCheck fork = {};
  std::vector<InjectedClass> injected = {};
};
struct ChildStarted {
  int slice = 0;
  int pid = 0;
};
struct CaseStarted {
  int index = 0;
};
struct CaseFinished {
  int index = 0;
  results::Outcome outcome = results::Outcome::error;
  double seconds = 0;
  std::string message, details, output;
};
struct SliceDone {
  int slice = 0;
};
struct ChildEnded {
  int slice = 0;
  process::ExitStatus status;
  std::uint64_t rss = 0;  // peak, bytes
  std::string output;     // output of the case that was running
};
struct HostEnded {
  process::ExitStatus status;
};
// The machine refused a process or files.
struct Refused {
  std::string code, message;  // of the error: "EAGAIN"
};
struct Problem {
  std::string message;
};
}  // namespace event

using Event = std::variant<event::Hello, event::Unusable, event::HostStarted, event::Collected, event::ChildStarted,
                           event::CaseStarted, event::CaseFinished, event::SliceDone, event::ChildEnded,
                           event::HostEnded, event::Refused, event::Problem>;

// Maximum size in bytes of a text from a worker, whatever the command requested: longer texts are cut to head and tail.
inline constexpr std::uint64_t most_text = std::uint64_t{4} << 20;

// Decode an event. An event of an unknown kind becomes a Problem, so that newer workers can send more kinds. Tests can
// write to the pipe: messages are cut, and so are details and output with more than `text_limit` bytes and a mark of
// the cut. Error: invalid (the text is not JSON, or a field is missing or of the wrong type).
Result<Event> decode_event(std::string_view text, std::uint64_t text_limit = most_text);

}  // namespace spyre::execute
