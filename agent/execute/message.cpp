// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/message.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

using nlohmann::json;

json inject_json(const command::Inject& inject) {
  return {{"plain", cards::name(inject.plain)}, {"configured", inject.configured}};
}

struct Encoder {
  json operator()(const command::Open& open) const {
    json object{{"command", "open"},
                {"file", open.file},
                {"root", open.root},
                {"cwd", open.cwd},
                {"fork", open.fork},
                {"args", open.args},
                {"environment", open.environment}};
    if (open.plain_asserts) object["asserts"] = "plain";
    if (open.inject) object["inject"] = inject_json(*open.inject);
    return object;
  }
  json operator()(const command::Run& run) const {
    return {{"command", "run"},
            {"slice", run.slice},
            {"cases", run.cases},
            {"junit", run.junit.empty() ? json() : json(run.junit)},
            {"text_limit", run.text_limit}};
  }
  json operator()(const command::Close&) const { return {{"command", "close"}}; }
  json operator()(const command::Quit&) const { return {{"command", "quit"}}; }
};

// Fields that may be null or absent.
std::string text_or_empty(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? std::string() : found->get<std::string>();
}

// The library converts any number to any other type, even if the value does not fit, and tests can write to the pipe.
template <typename Integer>
Integer integer_of(const json& value, const char* key) {
  const bool fits = value.is_number_unsigned()  ? std::in_range<Integer>(value.get<std::uint64_t>())
                    : value.is_number_integer() ? std::in_range<Integer>(value.get<std::int64_t>())
                                                : false;
  if (!fits) throw std::invalid_argument(fmt::format("'{}' is not a whole number, or is too large", key));
  return value.get<Integer>();
}
template <typename Integer>
Integer integer_or(const json& object, const char* key, Integer otherwise) {
  const auto found = object.find(key);
  return found == object.end() ? otherwise : integer_of<Integer>(*found, key);
}
std::optional<int> number_or_nothing(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? std::nullopt : std::optional(integer_of<int>(*found, key));
}

double seconds_of(const json& value) {
  constexpr double longest = 1e9;  // thirty years
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= longest)) throw std::invalid_argument("a time is out of range");
  return seconds;
}

process::ExitStatus status_of(const json& object) {
  return {number_or_nothing(object, "code"), number_or_nothing(object, "signal")};
}

results::Outcome outcome_of(const json& object) {
  const auto name = object.at("outcome").get<std::string>();
  const auto outcome = results::parse_outcome(name);
  // The caller turns the exception into an error value, like those of the JSON library.
  if (!outcome) throw std::invalid_argument(fmt::format("unknown outcome '{}'", name));
  return *outcome;
}

std::optional<bool> answer_of(const json& object, const char* key) {
  const json& value = object.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<bool>());
}

event::DeviceState device_of(const json& object) {
  return {answer_of(object, "open"), answer_of(object, "bad_here"), answer_of(object, "bad_in_child"),
          object.at("files").get<std::vector<std::string>>()};
}

// Fields that older workers do not send: an absent or null object has its default.
template <typename Value, typename Read>
Value value_or_default(const json& object, const char* key, Read read) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? Value{} : read(*found);
}

event::ForkCheck fork_check_of(const json& object) {
  return {device_of(object), object.at("threads").get<std::vector<std::string>>(),
          integer_of<int>(object.at("children"), "children")};
}

event::InjectedClass injected_of(const json& object) {
  const auto text = object.at("kind").get<std::string>();
  const auto kind = results::event::parse_injected_kind(text);
  if (!kind) throw std::invalid_argument(fmt::format("unknown kind of class '{}'", shorten(text, 100)));
  return {object.at("class").get<std::string>(), *kind};
}

// Limits of a worker's texts; a text forged by a test can be longer.
struct TextLimits {
  std::uint64_t text;
  std::string message_of(const json& object) const {
    constexpr std::size_t most = 2000;  // 500 characters, in bytes
    return shorten(text_or_empty(object, "message"), most);
  }
  std::string text_of(const json& object, const char* key) const {
    constexpr std::uint64_t mark = 1024;  // added by the worker's own mark of a cut
    return head_and_tail(text_or_empty(object, key), text + mark);
  }
};

event::Collected collected_of(const json& object, const TextLimits& limits) {
  event::Collected collected{object.at("cases").get<std::vector<std::string>>(), seconds_of(object.at("seconds")), {}};
  for (const json& error : object.at("errors")) {
    collected.errors.push_back({error.at("id").get<std::string>(), outcome_of(error), limits.message_of(error),
                                limits.text_of(error, "details")});
  }
  const json nothing = json::array();
  for (const json& one : object.value("skipped", nothing)) {
    collected.skipped.push_back({integer_of<int>(one.at("case"), "case"), text_or_empty(one, "reason")});
  }
  for (const json& one : object.value("serial", nothing)) collected.serial.push_back(integer_of<int>(one, "serial"));
  for (const json& one : object.value("injected", nothing)) collected.injected.push_back(injected_of(one));
  collected.fork = value_or_default<event::ForkCheck>(object, "fork", fork_check_of);
  return collected;
}

Event event_of(const json& object, const TextLimits& limits) {
  const auto number = [&](const char* key) { return integer_of<int>(object.at(key), key); };
  const auto text = [&](const char* key) { return limits.text_of(object, key); };
  const auto kind = object.at("event").get<std::string>();
  if (kind == "start") return event::CaseStarted{number("case")};
  if (kind == "finish") {
    return event::CaseFinished{
        number("case"),  outcome_of(object), seconds_of(object.at("seconds")), limits.message_of(object),
        text("details"), text("output")};
  }
  if (kind == "hello") {
    return event::Hello{number("protocol"),
                        number("pid"),
                        text("python"),
                        text("pytest"),
                        text("torch"),
                        object.contains("import_s") ? seconds_of(object.at("import_s")) : 0,
                        value_or_default<event::DeviceState>(object, "device", device_of)};
  }
  if (kind == "unusable") return event::Unusable{limits.message_of(object), text("details")};
  if (kind == "host") return event::HostStarted{number("pid")};
  if (kind == "collected") return collected_of(object, limits);
  if (kind == "child") return event::ChildStarted{number("slice"), number("pid")};
  if (kind == "done") return event::SliceDone{number("slice")};
  if (kind == "child_ended") {
    return event::ChildEnded{number("slice"), status_of(object), integer_or(object, "rss", std::uint64_t{0}),
                             text("output")};
  }
  if (kind == "host_ended") return event::HostEnded{status_of(object)};
  if (kind == "refused") return event::Refused{text("errno"), limits.message_of(object)};
  if (kind == "problem") return event::Problem{limits.message_of(object)};
  return event::Problem{fmt::format("an event of the unknown kind '{}'", shorten(kind, 100))};
}

}  // namespace

std::string encode(const Command& command) {
  return dump_json(std::visit(Encoder{}, command));
}

Result<Event> decode_event(std::string_view text, std::uint64_t text_limit) {
  TRY(const json object, parse_json(text, "event"));
  try {
    return event_of(object, {text_limit});
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid, fmt::format("not an event: {} in {}", error.what(), shorten(text, 200)));
  }
}

}  // namespace spyre::execute
