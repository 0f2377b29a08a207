// SPDX-License-Identifier: Apache-2.0
#include "agent/job/artefacts.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "agent/cards/card.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/python.hpp"

namespace spyre::job {

namespace fs = std::filesystem;

testsel::Scope settle_artefacts(const testsel::Scope& scope, const fs::path& source, const Config& config) {
  const auto& rules = scope.rules();
  if (std::ranges::all_of(rules, [](const auto& rule) { return rule.artefacts.empty(); })) return scope;
  const std::array<fs::path, 2> directories{
      source,
      execute::directory_of_package("torch", config.execute, config.python, cards::Machine::here().environment)};
  return scope.with_artefacts([&](const std::string& path) {
    return std::ranges::any_of(directories, [&](const fs::path& directory) {
      std::error_code ignored;
      return !directory.empty() && fs::exists(directory / path, ignored);
    });
  });
}

Result<void> check_artefacts(const testsel::Selection::Totals& totals, const testsel::Scope& scope,
                             const Config& config) {
  if (!config.selection.needs_artefacts) return {};
  std::set<std::string> reasons;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < scope.rules().size(); ++i) {
    const testsel::Scope::Rule& rule = scope.rules()[i];
    if (rule.artefacts.empty() || scope.is_off(i) || !totals.excluded.contains(rule.reason)) continue;
    reasons.insert(rule.reason);
    missing.push_back(rule.artefacts.front());
  }
  if (missing.empty()) return {};
  std::size_t tests = 0;
  for (const std::string& reason : reasons) tests += totals.excluded.at(reason);
  return fail(
      ErrorKind::infra,
      fmt::format("{} tests need files of a build that are not there, among them {}", tests, join(missing, ", ")),
      "build PyTorch with BUILD_TEST=1, or set selection.artefacts to optional");
}

}  // namespace spyre::job
