// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope_report.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"

namespace spyre::testsel {
namespace {

using Counts = ScopeReport::Counts;

// "test" of "test/test_torch.py", "test/nn" of "test/nn/deep/test_x.py".
std::string directory_of(std::string_view path) {
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos) return {};
  const std::size_t second = path.find('/', first + 1);
  return std::string(path.substr(0, second == std::string_view::npos ? first : second));
}

void add(Counts& counts, const Scope& scope, int ruling) {
  ++counts.tests;
  if (in_scope(scope, ruling)) {
    ++counts.in_scope;
  } else {
    ++counts.excluded[scope.rules()[static_cast<std::size_t>(ruling)].reason];
  }
}

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100. * static_cast<double>(part) / static_cast<double>(whole);
}

std::size_t excluded(const Counts& counts, const std::string& reason) {
  const auto found = counts.excluded.find(reason);
  return found == counts.excluded.end() ? 0 : found->second;
}

nlohmann::json counts_json(const Counts& counts) {
  return {{"tests", counts.tests}, {"in_scope", counts.in_scope}, {"excluded", counts.excluded}};
}

std::string reasons_table(const Counts& total) {
  std::string text = fmt::format("{:<24}{:>8}\n", "tests", total.tests);
  const auto row = [&](std::string_view name, std::size_t count) {
    text += fmt::format("  {:<22}{:>8}{:>8.1f} %\n", name, count, percent(count, total.tests));
  };
  row("in scope", total.in_scope);
  for (const auto& [reason, count] : total.excluded) row(reason, count);
  return text;
}

std::string directories_table(const ScopeReport& report) {
  std::string text = fmt::format("\n{:<28}{:>8}{:>10}{:>8}", "directory", "tests", "in scope", "%");
  for (const auto& [reason, count] : report.total.excluded) text += fmt::format("{:>15}", reason);
  for (const ScopeReport::Directory& directory : report.directories) {
    const Counts& counts = directory.counts;
    text += fmt::format("\n{:<28}{:>8}{:>10}{:>8.1f}", directory.path, counts.tests, counts.in_scope,
                        percent(counts.in_scope, counts.tests));
    for (const auto& [reason, count] : report.total.excluded) text += fmt::format("{:>15}", excluded(counts, reason));
  }
  return text + "\n";
}

std::string rules_table(const ScopeReport& report) {
  std::string text = fmt::format("\n{:<30}{:<16}{:>9}{:>9}\n", "rule", "reason", "decides", "applies");
  for (const ScopeReport::RuleUse& use : report.rules) {
    const std::string_view reason = use.rule.includes() ? std::string_view("in scope") : use.rule.reason;
    text += fmt::format("{:<30}{:<16}{:>9}{:>9}\n", use.rule.name, reason, use.decides, use.applies);
  }
  for (const Scope::Rule& rule : report.idle()) {
    text += fmt::format("rule '{}' applies to nothing ({})\n", rule.name, rule.where);
  }
  return text;
}

}  // namespace

std::vector<Scope::Rule> ScopeReport::idle() const {
  std::vector<Scope::Rule> idle;
  for (const RuleUse& use : rules) {
    if (use.applies == 0) idle.push_back(use.rule);
  }
  return idle;
}

ScopeReport report_scope(const Inventory& inventory, const Scope& scope) {
  const Rulings rulings = judge(inventory, scope);
  ScopeReport report;
  report.revision = inventory.revision;
  for (std::size_t rule = 0; rule < scope.rules().size(); ++rule) {
    report.rules.push_back({.rule = scope.rules()[rule], .applies = rulings.applies[rule], .decides = 0});
  }
  std::map<std::string, Counts> directories;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    Counts& directory = directories[directory_of(inventory.files[f].path)];
    for (const int ruling : rulings.files[f].tests) {
      add(report.total, scope, ruling);
      add(directory, scope, ruling);
      if (ruling != Rulings::no_rule) ++report.rules[static_cast<std::size_t>(ruling)].decides;
    }
  }
  for (auto& [path, counts] : directories) report.directories.push_back({path, std::move(counts)});
  return report;
}

nlohmann::json to_json(const ScopeReport& report) {
  auto directories = nlohmann::json::array();
  for (const ScopeReport::Directory& directory : report.directories) {
    nlohmann::json entry = counts_json(directory.counts);
    entry["path"] = directory.path;
    directories.push_back(std::move(entry));
  }
  auto rules = nlohmann::json::array();
  for (const ScopeReport::RuleUse& use : report.rules) {
    rules.push_back({{"name", use.rule.name},
                     {"reason", use.rule.reason},
                     {"note", use.rule.note},
                     {"where", use.rule.where},
                     {"applies", use.applies},
                     {"decides", use.decides}});
  }
  return {{"schema", schema_id("scope-report")},
          {"revision", report.revision},
          {"totals", counts_json(report.total)},
          {"folders", std::move(directories)},
          {"rules", std::move(rules)}};
}

std::string as_text(const ScopeReport& report) {
  return reasons_table(report.total) + directories_table(report) + rules_table(report);
}

}  // namespace spyre::testsel
