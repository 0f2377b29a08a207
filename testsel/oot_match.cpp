// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "agent/core/text.hpp"
#include "testsel/oot_config.hpp"

namespace spyre::testsel {
namespace {

constexpr std::string_view glob_letters = "*?[";
constexpr std::string_view regex_letters = "(|^$\\+{";

// "TestTorch::test_sum" of "test/test_torch.py::TestTorch::test_sum".
std::string_view within_file(std::string_view id) {
  const std::size_t colons = id.find("::");
  return colons == std::string_view::npos ? std::string_view() : id.substr(colons + 2);
}

class NamePattern {
 public:
  // Error: config.
  static Result<NamePattern> make(const OotConfig::Name& name) {
    NamePattern pattern;
    pattern.m_text = name.text;
    // A name without a class applies to every class.
    pattern.m_has_class = name.text.find("::") != std::string::npos;
    const bool regex =
        name.text.find_first_of(regex_letters) != std::string::npos || name.text.find(".*") != std::string::npos;
    pattern.m_exact = !regex && name.text.find_first_of(glob_letters) == std::string::npos;
    if (!regex) return pattern;
    pattern.m_regex = std::make_unique<re2::RE2>(name.text, re2::RE2::Quiet);
    if (pattern.m_regex->ok()) return pattern;
    return fail(ErrorKind::config,
                fmt::format("{}: invalid regular expression '{}': {}", name.where, shorten(name.text, 80),
                            pattern.m_regex->error()),
                "the syntax is RE2's: https://github.com/google/re2/wiki/Syntax");
  }

  bool is_exact() const { return m_exact; }
  // `test` is the name within its file: "TestTorch::test_sum".
  bool matches(std::string_view test) const {
    const std::size_t last = test.rfind("::");
    const std::string_view text = m_has_class || last == std::string_view::npos ? test : test.substr(last + 2);
    if (m_exact) return text == m_text;
    return m_regex ? re2::RE2::FullMatch({text.data(), text.size()}, *m_regex) : glob_match(m_text, text);
  }

 private:
  std::string m_text;
  bool m_has_class = false, m_exact = false;
  std::unique_ptr<re2::RE2> m_regex;
};

struct Rule {
  NamePattern pattern;
  const OotConfig::Name* name = nullptr;
  const OotConfig::Entry* entry = nullptr;
  bool used = false;
};

class FileMatcher {
 public:
  static Result<FileMatcher> make(const OotConfig::File& file) {
    FileMatcher matcher;
    matcher.m_file = &file;
    for (const OotConfig::Entry& entry : file.entries) {
      for (const OotConfig::Name& name : entry.names) {
        TRY(NamePattern pattern, NamePattern::make(name));
        matcher.m_rules.push_back({std::move(pattern), &name, &entry, false});
      }
    }
    // Exact names first, otherwise in the order of the files.
    std::stable_partition(matcher.m_rules.begin(), matcher.m_rules.end(),
                          [](const Rule& rule) { return rule.pattern.is_exact(); });
    return matcher;
  }

  void apply(const TestFile& tests, OotFindings& findings) {
    for (const Test& test : tests.tests) {
      Expectation expectation = unlisted();
      bool listed = false;
      for (Rule& rule : m_rules) {
        if (!rule.pattern.matches(within_file(test.id))) continue;
        rule.used = true;
        if (!listed) expectation = {rule.entry->mode, rule.name->where, {}};
        listed = true;
        merge({Mode::mandatory_success, {}, rule.entry->tags}, expectation);
      }
      if (listed && expectation.mode != Mode::skip) findings.demanded.push_back(test.id);
      const auto [known, fresh] = findings.expectations.emplace(test.id, expectation);
      if (!fresh) merge(expectation, known->second);
      m_names.emplace_back(within_file(test.id));
    }
  }

  void report_unused(OotFindings& findings) const {
    for (const Rule& rule : m_rules) {
      if (rule.used) continue;
      findings.not_covered.push_back(fmt::format("{}: {} has no test '{}'{}", rule.name->where, m_file->path,
                                                 shorten(rule.name->text, 200),
                                                 did_you_mean(rule.name->text, m_names)));
    }
  }

 private:
  Expectation unlisted() const {
    const std::string& where = m_file->unlisted_where.empty() ? m_file->where : m_file->unlisted_where;
    return {m_file->unlisted, where, {}};
  }

  const OotConfig::File* m_file = nullptr;
  std::vector<Rule> m_rules;
  std::vector<std::string> m_names;
};

std::vector<std::string> paths_of(const Inventory& inventory) {
  std::vector<std::string> paths;
  for (const TestFile& file : inventory.files) paths.push_back(file.path);
  return paths;
}

}  // namespace

Result<OotFindings> match(const OotConfig& config, const Inventory& inventory) {
  OotFindings findings;
  for (const OotConfig::File& file : config.files()) {
    TRY(FileMatcher matcher, FileMatcher::make(file));
    bool there = false;
    for (const TestFile& tests : inventory.files) {
      if (!glob_match(file.path, tests.path)) continue;
      there = true;
      matcher.apply(tests, findings);
    }
    if (there) {
      matcher.report_unused(findings);
    } else {
      findings.not_covered.push_back(fmt::format("{}: there is no test file '{}'{}", file.where,
                                                 shorten(file.path, 200),
                                                 did_you_mean(file.path, paths_of(inventory))));
    }
  }
  std::sort(findings.demanded.begin(), findings.demanded.end());
  findings.demanded.erase(std::unique(findings.demanded.begin(), findings.demanded.end()), findings.demanded.end());
  return findings;
}

}  // namespace spyre::testsel
