// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "testsel/expectation.hpp"

namespace spyre::testsel {
namespace {

using nlohmann::json;

tl::unexpected<Error> wrong(std::string_view place, std::string_view what) {
  return fail(ErrorKind::invalid, fmt::format("\"notes.{}\" {}", place, what),
              "give a file that `spyre-ci` wrote, as it was");
}

Result<std::string> text_of(const json& object, const char* key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return wrong(fmt::format("{}.{}", place, key), "is not a text");
  return found->get<std::string>();
}

Result<Expectation> read_expectation(const json& value, const std::string& id) {
  const std::string place = "tests." + shorten(id, 200);
  if (!value.is_object()) return wrong(place, "is not a map");
  Expectation expectation;
  if (value.contains("mode")) {
    TRY(const std::string text, text_of(value, "mode", place));
    const auto mode = parse_mode(text);
    if (!mode) return wrong(place + ".mode", "is not a mode");
    expectation.mode = *mode;
  }
  if (value.contains("reason")) {
    TRY(expectation.reason, text_of(value, "reason", place));
  }
  if (const auto tags = value.find("tags"); tags != value.end()) {
    if (!tags->is_array()) return wrong(place + ".tags", "is not a list");
    for (const json& tag : *tags) {
      if (!tag.is_string()) return wrong(place + ".tags", "has an item that is not a text");
      expectation.tags.push_back(tag.get<std::string>());
    }
  }
  return expectation;
}

}  // namespace

json to_json(const TestNotes& notes) {
  json tests = json::object();
  for (const auto& [id, expectation] : notes.tests) {
    json& entry = tests[id] = json::object();
    if (expectation.mode != Mode::mandatory_success) entry["mode"] = name(expectation.mode);
    if (!expectation.reason.empty()) entry["reason"] = expectation.reason;
    if (!expectation.tags.empty()) entry["tags"] = expectation.tags;
  }
  json cases = json::array();
  for (const CaseNote& one : notes.cases) {
    json entry{{"class", one.class_name}, {"name", one.name}, {"reason", one.reason}};
    if (!one.id.empty()) entry["id"] = one.id;
    if (one.mode != Mode::skip) entry["mode"] = name(one.mode);
    cases.push_back(std::move(entry));
  }
  return {{"tests", std::move(tests)}, {"cases", std::move(cases)}};
}

Result<TestNotes> read_notes(const json& value) {
  TestNotes notes;
  if (!value.is_object()) return fail(ErrorKind::invalid, "\"notes\" is not a map");
  if (const auto tests = value.find("tests"); tests != value.end()) {
    if (!tests->is_object()) return wrong("tests", "is not a map");
    for (const auto& [id, entry] : tests->items()) {
      TRY(notes.tests[id], read_expectation(entry, id));
    }
  }
  if (const auto cases = value.find("cases"); cases != value.end()) {
    if (!cases->is_array()) return wrong("cases", "is not a list");
    for (const json& entry : *cases) {
      if (!entry.is_object()) return wrong("cases", "has an item that is not a map");
      CaseNote one;
      TRY(one.class_name, text_of(entry, "class", "cases[]"));
      TRY(one.name, text_of(entry, "name", "cases[]"));
      TRY(one.reason, text_of(entry, "reason", "cases[]"));
      if (entry.contains("id")) {
        TRY(one.id, text_of(entry, "id", "cases[]"));
      }
      if (entry.contains("mode")) {
        TRY(const std::string text, text_of(entry, "mode", "cases[]"));
        const auto mode = parse_mode(text);
        if (!mode) return wrong("cases[].mode", "is not a mode");
        one.mode = *mode;
      }
      notes.cases.push_back(std::move(one));
    }
  }
  return notes;
}

}  // namespace spyre::testsel
