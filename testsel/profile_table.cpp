// SPDX-License-Identifier: Apache-2.0
#include "testsel/profile_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

constexpr std::string_view hint = R"(give a td_heuristic_profiling.json: {"torch/_VF.py": {"test_nn": 1.0}})";

}  // namespace

Result<ProfileTable> ProfileTable::parse(std::string_view text, std::string_view origin) {
  TRY(const nlohmann::json document, parse_json(text, origin));
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorKind::invalid, fmt::format("{}: {}", origin, what), std::string(hint));
  };
  if (!document.is_object()) return wrong("not a map of source files");
  ProfileTable table;
  for (const auto& [source, tests] : document.items()) {
    if (!tests.is_object()) return wrong(fmt::format(R"("{}" is not a map of test files)", shorten(source, 80)));
    Row& row = table.m_rows[source];
    for (const auto& [test, score] : tests.items()) {
      const double value = score.is_number() ? score.get<double>() : -1;
      if (!(value >= 0 && value <= 1)) {
        return wrong(
            fmt::format(R"("{}" of "{}" is not a number from 0 to 1)", shorten(test, 80), shorten(source, 80)));
      }
      row.emplace(fmt::format("test/{}.py", test), value);
    }
  }
  return table;
}

const ProfileTable::Row& ProfileTable::row(std::string_view source) const {
  static const Row none;
  const auto found = m_rows.find(std::string(source));
  return found == m_rows.end() ? none : found->second;
}

}  // namespace spyre::testsel
