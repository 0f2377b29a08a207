// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/core/log.hpp"
#include "agent/job/source.hpp"
#include "testsel/case_matcher.hpp"
#include "testsel/inventory.hpp"

namespace spyre::cli {
namespace {

struct ListOptions {
  job::SourceRequest source;
  bool match = false;
};

std::string as_text(const testsel::Inventory& inventory) {
  std::string text;
  for (const testsel::TestFile& file : inventory.files) {
    for (const testsel::Test& test : file.tests) text += fmt::format("{}\n", test.id);
  }
  return text;
}

std::string_view name(testsel::CaseOwner::How how) {
  using How = testsel::CaseOwner::How;
  switch (how) {
    case How::exact:
      return "exact";
    case How::expanded:
      return "expanded";
    case How::inherited:
      return "inherited";
    case How::imported:
      return "imported";
    case How::generated:
      return "generated";
  }
  return "generated";
}

// Reads node ids of pytest from standard input, one per line, and prints the node, its unit and how it was matched.
Result<int> match(const testsel::Inventory& inventory, const FileTree& tree) {
  std::map<std::string, testsel::CaseMatcher, std::less<>> matchers;
  for (std::string node; std::getline(std::cin, node);) {
    const std::string path = node.substr(0, node.find("::"));
    auto matcher = matchers.find(path);
    if (matcher == matchers.end()) {
      const auto file = std::find_if(inventory.files.begin(), inventory.files.end(),
                                     [&](const testsel::TestFile& candidate) { return candidate.path == path; });
      if (file == inventory.files.end()) {
        return fail(ErrorKind::invalid, fmt::format("standard input: '{}' names no test file", node));
      }
      matcher = matchers.emplace(path, testsel::CaseMatcher(tree, *file)).first;
    }
    const testsel::CaseOwner owner = matcher->second.owner(node);
    fmt::print("{}\t{}\t{}\n", node, owner.unit, name(owner.how));
  }
  return 0;
}

Result<int> list(const ListOptions& options, const Session& session) {
  TRY(const job::Source source, job::Source::open(options.source, session.config));
  TRY(const testsel::Inventory inventory, testsel::read_inventory(source.tree()));
  for (const testsel::TestFile& file : inventory.files) {
    if (!file.error.empty()) log::warning(fmt::format("{}:{}", file.path, file.error));
  }
  if (options.match) return match(inventory, source.tree());
  // Only one of the two: the document is as large as the inventory.
  session.print(session.json ? testsel::to_json(inventory) : nlohmann::json(), session.json ? "" : as_text(inventory));
  log::info(fmt::format("{} tests in {} files", inventory.test_count(), inventory.files.size()));
  return 0;
}

}  // namespace

void add_list(Command program) {
  const auto options = std::make_shared<ListOptions>();
  Command command = program.add_command("list", "List every test of a revision, read from its source");
  add_source_options(command, options->source);
  command.add_flag("--match", options->match,
                   "read pytest's node ids from standard input and print the test that each belongs to");
  command.footer(
      "No test file is imported or run. A test is a test function as written, before device and dtype expansion.\n"
      "Examples:\n"
      "  spyre-ci list --source ~/pytorch | wc -l\n"
      "  spyre-ci list --rev main --json >inventory.json");
  command.act([options](const Session& s) { return list(*options, s); });
}

}  // namespace spyre::cli
