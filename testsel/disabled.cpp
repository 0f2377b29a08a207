// SPDX-License-Identifier: Apache-2.0
#include "testsel/disabled.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

using nlohmann::json;

constexpr std::uint64_t size_limit = std::uint64_t{256} << 20;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

struct Named {
  std::string test, class_name;
};

// "test_sum (__main__.TestTorch)", followed by any text.
std::optional<Named> parse_name(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() < 2 || !words[1].starts_with('(') || !words[1].ends_with(')')) return std::nullopt;
  const std::string owner = words[1].substr(1, words[1].size() - 2);
  const std::string class_name = owner.substr(owner.rfind('.') + 1);  // npos + 1 is 0
  if (class_name.empty()) return std::nullopt;
  return Named{words[0], class_name};
}

Result<json> read_table(const std::filesystem::path& path) {
  TRY(const std::string text, read_file(path, size_limit));
  TRY(json table, parse_json(text, path.string()));
  if (table.is_object()) return table;
  return fail(ErrorKind::invalid, fmt::format("{}: expected a map of tests", path.string()),
              "give a file of the generated-stats branch of pytorch/test-infra");
}

tl::unexpected<Error> wrong_entry(const std::filesystem::path& path, const std::string& key, std::string_view what) {
  return fail(ErrorKind::invalid, fmt::format("{}: \"{}\": {}", path.string(), shorten(key, 200), what));
}

bool is_disabled_entry(const json& value) {
  return value.is_array() && value.size() == 3 && value[0].is_string() && value[1].is_string() && value[2].is_array() &&
         std::all_of(value[2].begin(), value[2].end(), [](const json& each) { return each.is_string(); });
}

// Return whether a case of `test` can have this longer name: "test_sum_cpu_float32" of "test_sum".
bool is_case_of(std::string_view name, std::string_view test) {
  return name.size() > test.size() && name.starts_with(test) && name[test.size()] == '_';
}

// The class of a case begins with the class as written, and an entry may name either.
bool related(std::string_view written, std::string_view named) {
  return written.starts_with(named) || named.starts_with(written);
}

bool applies(const DisabledTest& entry, const std::set<std::string>& platforms,
             const std::set<std::string>& reenabled) {
  if (reenabled.contains(entry.issue)) return false;
  return entry.platforms.empty() ||
         std::any_of(entry.platforms.begin(), entry.platforms.end(),
                     [&](const std::string& platform) { return platforms.contains(platform); });
}

// The tests of an inventory by name. Entries name cases, so every prefix of a name that ends before a '_' is looked up.
class TestsByName {
 public:
  explicit TestsByName(const Inventory& inventory) {
    for (const TestFile& file : inventory.files) {
      for (const Test& test : file.tests) {
        const CaseName name = name_of_case(test.id);
        m_tests[std::string(name.function)].push_back({std::string(name.class_name), &test.id});
      }
    }
  }

  struct Found {
    std::string class_name;
    const std::string* id;
  };

  const std::vector<Found>& named(const std::string& name) const {
    static const std::vector<Found> none;
    const auto found = m_tests.find(name);
    return found == m_tests.end() ? none : found->second;
  }

  // Return the tests whose case this may be: those with the longest name that is a prefix of it.
  const std::vector<Found>& with_case(const std::string& name) const {
    for (std::size_t end = name.rfind('_'); end != std::string::npos && end > 0; end = name.rfind('_', end - 1)) {
      const std::string start = name.substr(0, end);
      if (const auto& found = named(start); !found.empty() && is_case_of(name, start)) return found;
    }
    return named({});
  }

 private:
  std::unordered_map<std::string, std::vector<Found>> m_tests;
};

}  // namespace

Result<DisabledList> read_disabled(const std::filesystem::path& path) {
  TRY(const json table, read_table(path));
  DisabledList disabled;
  for (const auto& [key, value] : table.items()) {
    if (!is_disabled_entry(value)) return wrong_entry(path, key, "expected [issue, address, [platform, …]]");
    const auto named = parse_name(key);
    if (!named) {
      disabled.odd.push_back(key);
      continue;
    }
    disabled.tests.push_back({named->test, named->class_name, value[0].get<std::string>(), value[1].get<std::string>(),
                              value[2].get<std::vector<std::string>>()});
  }
  return disabled;
}

DisabledFindings match(const std::vector<DisabledTest>& disabled, const Inventory& inventory,
                       const std::set<std::string>& platforms, const std::set<std::string>& reenabled) {
  const TestsByName tests(inventory);
  DisabledFindings findings;
  for (const DisabledTest& entry : disabled) {
    if (!applies(entry, platforms, reenabled)) continue;
    const std::string reason = fmt::format("disabled upstream: {}", entry.url);
    bool whole = false;
    for (const auto& [class_name, id] : tests.named(entry.name)) {
      if (!class_name.starts_with(entry.class_name)) continue;
      whole = true;
      findings.expectations.emplace(*id, Expectation{Mode::skip, reason, {}});
    }
    if (whole) continue;
    // A case, or a test that its class inherits or gets when it is made: those are known only after collection.
    findings.cases.push_back({entry.class_name, entry.name, reason});
    if (tests.named(entry.name).empty() && tests.with_case(entry.name).empty()) {
      findings.unknown.push_back(fmt::format("{} ({})", entry.name, entry.class_name));
    }
  }
  return findings;
}

Result<std::map<std::string, double>> read_slow(const std::filesystem::path& path, const Inventory& inventory) {
  TRY(const json table, read_table(path));
  const TestsByName tests(inventory);
  std::map<std::string, double> seconds;
  for (const auto& [key, value] : table.items()) {
    if (!value.is_number() || !(value.get<double>() >= 0)) return wrong_entry(path, key, "expected seconds");
    const auto named = parse_name(key);
    if (!named) continue;
    const auto& exact = tests.named(named->test);
    for (const auto& [class_name, id] : exact.empty() ? tests.with_case(named->test) : exact) {
      if (related(class_name, named->class_name)) seconds[*id] += value.get<double>();
    }
  }
  return seconds;
}

}  // namespace spyre::testsel
