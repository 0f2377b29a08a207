// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "testsel/selection.hpp"

namespace spyre::testsel {
namespace {

using nlohmann::json;

constexpr std::size_t most_cards = 65'536;

// Reads a document member by member and remembers the first invalid one.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : m_path(path.string()) {}

  const json* member(const json& object, std::string_view name, json::value_t type, std::string_view within = {}) {
    const std::string place = fmt::format("{}{}", within, name);
    const auto found = object.find(name);
    if (found == object.end()) return wrong(fmt::format("\"{}\" is missing", place));
    const bool fits = type == json::value_t::number_unsigned ? found->is_number_unsigned()
                      : type == json::value_t::number_float  ? found->is_number()
                                                             : found->type() == type;
    if (!fits) return wrong(fmt::format("\"{}\" is not a {}", place, word(type)));
    return &*found;
  }
  std::string text(const json& object, std::string_view name, std::string_view within = {}) {
    const json* found = member(object, name, json::value_t::string, within);
    return found == nullptr ? std::string{} : found->get<std::string>();
  }
  std::size_t number(const json& object, std::string_view name, std::string_view within) {
    const json* found = member(object, name, json::value_t::number_unsigned, within);
    return found == nullptr ? 0 : found->get<std::size_t>();
  }
  std::vector<std::string> texts(const json& object, std::string_view name) {
    std::vector<std::string> read;
    const json* list = member(object, name, json::value_t::array);
    if (list == nullptr) return read;
    for (const json& item : *list) {
      if (!item.is_string()) {
        wrong(fmt::format("\"{}\" has an item that is not a text", name));
        return {};
      }
      read.push_back(item.get<std::string>());
    }
    return read;
  }
  std::nullptr_t wrong(const std::string& what) {
    if (m_error.empty()) m_error = fmt::format("{}: {}", m_path, what);
    return nullptr;
  }
  const std::string& error() const { return m_error; }

 private:
  static std::string_view word(json::value_t type) {
    switch (type) {
      case json::value_t::string:
        return "text";
      case json::value_t::array:
        return "list";
      case json::value_t::object:
        return "map";
      case json::value_t::number_unsigned:
        return "count";
      default:
        return "number";
    }
  }
  std::string m_path;
  std::string m_error;
};

json counts(const Selection::Totals& totals) {
  return {{"tests", totals.tests},
          {"in_scope", totals.in_scope},
          {"selected", totals.selected},
          {"excluded", totals.excluded},
          {"generators", {{"all", totals.generators.all}, {"in_scope", totals.generators.in_scope}}}};
}

Selection::Totals read_totals(Reader& reader, const json& object) {
  Selection::Totals totals;
  totals.tests = reader.number(object, "tests", "totals.");
  totals.in_scope = reader.number(object, "in_scope", "totals.");
  totals.selected = reader.number(object, "selected", "totals.");
  if (const json* excluded = reader.member(object, "excluded", json::value_t::object, "totals.")) {
    for (const auto& [reason, count] : excluded->items()) {
      totals.excluded[reason] = reader.number(*excluded, reason, "totals.excluded.");
    }
  }
  if (const json* generators = reader.member(object, "generators", json::value_t::object, "totals.")) {
    totals.generators.all = reader.number(*generators, "all", "totals.generators.");
    totals.generators.in_scope = reader.number(*generators, "in_scope", "totals.generators.");
  }
  return totals;
}

// Left out if it is single, the usual case.
Breadth read_breadth(Reader& reader, const json& item) {
  if (!item.contains("breadth")) return Breadth::single;
  const std::string text = reader.text(item, "breadth", "tests[].");
  const auto breadth = parse_breadth(text);
  if (!breadth) reader.wrong(fmt::format("\"tests[].breadth\" is '{}'", shorten(text, 40)));
  return breadth.value_or(Breadth::single);
}

int read_cards(Reader& reader, const json& item) {
  if (!item.contains("cards")) return 1;
  const std::size_t cards = reader.number(item, "cards", "tests[].");
  if (cards < 1 || cards > most_cards) reader.wrong("\"tests[].cards\" is not a number of cards");
  return static_cast<int>(std::min(cards, most_cards));
}

std::vector<SelectedTest> read_tests(Reader& reader, const json& list) {
  std::vector<SelectedTest> tests;
  tests.reserve(list.size());
  for (const json& item : list) {
    if (!item.is_object()) {
      reader.wrong("\"tests\" has an item that is not a map");
      break;
    }
    tests.push_back({reader.text(item, "id", "tests[]."), read_breadth(reader, item), read_cards(reader, item),
                     item.contains("cases") ? reader.number(item, "cases", "tests[].") : 0});
  }
  return tests;
}

std::vector<WithheldTest> read_withheld(Reader& reader, const json& document) {
  std::vector<WithheldTest> withheld;
  if (!document.contains("withheld")) return withheld;
  const json* list = reader.member(document, "withheld", json::value_t::array);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json& item = (*list)[i];
    if (!item.is_object()) {
      reader.wrong("\"withheld\" has an item that is not a map");
      break;
    }
    withheld.push_back({reader.text(item, "id", "withheld[]."), reader.text(item, "reason", "withheld[].")});
  }
  return withheld;
}

std::map<std::string, SourceSize> read_files(Reader& reader, const json& document) {
  std::map<std::string, SourceSize> files;
  if (!document.contains("files")) return files;
  const json* object = reader.member(document, "files", json::value_t::object);
  if (object == nullptr) return files;
  for (const auto& [path, size] : object->items()) {
    if (!size.is_object()) {
      reader.wrong("\"files\" has an entry that is not a map");
      break;
    }
    files[path] = {reader.number(size, "bytes", "files."), reader.number(size, "imports", "files."),
                   reader.number(size, "tests", "files."), reader.number(size, "cases", "files.")};
  }
  return files;
}

}  // namespace

json to_json(const Selection& selection) {
  json tests = json::array();
  for (const SelectedTest& test : selection.tests) {
    json& entry = tests.emplace_back(json{{"id", test.id}});
    if (test.breadth != Breadth::single) entry["breadth"] = name(test.breadth);
    if (test.cards != 1) entry["cards"] = test.cards;
    if (test.cases > 0) entry["cases"] = test.cases;
  }
  json files = json::object();
  for (const auto& [path, size] : selection.files) {
    files[path] = {{"bytes", size.bytes}, {"imports", size.imports}, {"tests", size.tests}, {"cases", size.cases}};
  }
  json withheld = json::array();
  for (const WithheldTest& test : selection.withheld) withheld.push_back({{"id", test.id}, {"reason", test.reason}});
  json document{{"schema", schema_id("selection")},   {"revision", selection.revision},     {"stage", selection.stage},
                {"fraction", selection.fraction},     {"totals", counts(selection.totals)}, {"tests", std::move(tests)},
                {"generators", selection.generators}, {"unreadable", selection.unreadable}};
  if (!selection.files.empty()) document["files"] = std::move(files);
  if (!selection.withheld.empty()) document["withheld"] = std::move(withheld);
  if (!selection.notes.empty()) document["notes"] = to_json(selection.notes);
  return document;
}

Result<Selection> read_selection(const std::filesystem::path& path) {
  TRY(const json document, read_document(path, "selection"));
  Reader reader(path);
  Selection selection;
  selection.revision = reader.text(document, "revision");
  selection.stage = reader.text(document, "stage");
  if (const json* fraction = reader.member(document, "fraction", json::value_t::number_float)) {
    selection.fraction = fraction->get<double>();
  }
  if (const json* totals = reader.member(document, "totals", json::value_t::object)) {
    selection.totals = read_totals(reader, *totals);
  }
  if (const json* tests = reader.member(document, "tests", json::value_t::array)) {
    selection.tests = read_tests(reader, *tests);
  }
  selection.generators = reader.texts(document, "generators");
  selection.unreadable = reader.texts(document, "unreadable");
  selection.withheld = read_withheld(reader, document);
  selection.files = read_files(reader, document);
  if (document.contains("notes")) {
    if (auto notes = read_notes(document["notes"])) {
      selection.notes = std::move(*notes);
    } else {
      reader.wrong(notes.error().message);
    }
  }
  if (!(selection.fraction > 0 && selection.fraction <= 1)) reader.wrong("\"fraction\" is not above 0 and at most 1");
  if (selection.totals.selected != selection.tests.size())
    reader.wrong("\"totals.selected\" is not the number of tests");
  if (!reader.error().empty()) {
    return fail(ErrorKind::invalid, reader.error(), "give a file that `spyre-ci select --out FILE` wrote");
  }
  return selection;
}

}  // namespace spyre::testsel
