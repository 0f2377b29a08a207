// SPDX-License-Identifier: Apache-2.0
// Handles JUnit XML of any program and does not know about runs, so any Jenkins job can use it.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/junit/tools.hpp"

namespace spyre::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t groups_shown = 20;

struct JunitOptions {
  std::vector<std::string> files;
  std::string out;
};

Result<std::vector<fs::path>> files_of(const JunitOptions& options) {
  return junit::find_files({options.files.begin(), options.files.end()});
}

std::string as_text(const junit::Summary& summary) {
  std::string text = fmt::format("{} cases in {} files", summary.collected(), summary.files);
  for (std::size_t i = 0; i < results::outcome_count; ++i) {
    if (summary.outcomes[i] > 0) text += fmt::format(", {} {}", summary.outcomes[i], results::outcome_names[i]);
  }
  if (summary.flaky > 0) text += fmt::format(", {} flaky", summary.flaky);
  text += fmt::format("; {} together\n", format_duration(Seconds{summary.time_s}));
  if (summary.over_budget > 0) {
    text += fmt::format("incomplete: {} of {} over the budget\n", summary.over_budget, summary.collected());
  }
  for (std::size_t i = 0; i < summary.groups.size() && i < groups_shown; ++i) {
    const results::FailureGroup& group = summary.groups[i];
    text += fmt::format("{:6}  {}\n        {}\n", group.cases.size(), group.message, group.cases.front());
  }
  if (summary.groups.size() > groups_shown)
    text += fmt::format("… and {} more causes\n", summary.groups.size() - groups_shown);
  return text;
}

void warn(const junit::Summary& summary) {
  for (const std::string& loss : summary.losses) log::warning(loss);
  for (const std::string& warning : summary.warnings) log::warning(warning);
}

Result<int> summarize(const JunitOptions& options, const Session& session) {
  TRY(const auto files, files_of(options));
  TRY(const junit::Summary summary, junit::summarize(files));
  warn(summary);
  session.print(junit::to_json(summary), as_text(summary));
  return summary.exit_code();
}

Result<int> merge(const JunitOptions& options, const Session& session) {
  TRY(const auto files, files_of(options));
  TRY(const junit::Summary summary, junit::merge(files, options.out, {}));
  warn(summary);
  session.print(junit::to_json(summary), as_text(summary));
  return summary.losses.empty() ? 0 : exit_code(ErrorKind::infra);
}

Result<int> check(const JunitOptions& options, const Session& session) {
  TRY(const auto files, files_of(options));
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const fs::path& file : files) {
    TRY(const std::vector<std::string> problems, junit::check(file));
    for (const std::string& problem : problems) text += problem + "\n";
    list.push_back({{"file", file.string()}, {"problems", problems}});
  }
  const bool good = text.empty();
  session.print({{"files", std::move(list)}}, good ? fmt::format("{} files are good\n", files.size()) : text);
  return good ? 0 : 1;
}

Command add_one(Command junit, const char* name, const char* what, const std::shared_ptr<JunitOptions>& options) {
  Command command = junit.add_command(name, what);
  command.add_option("FILE", options->files, "JUnit files; a directory stands for all *.xml in it").required();
  return command;
}

}  // namespace

void add_junit(Command program) {
  Command junit = program.add_command("junit", "Summarize, merge and check JUnit XML of any program");
  const auto options = std::make_shared<JunitOptions>();
  add_one(junit, "summarize", "Totals and failures by cause", options).act([options](const Session& s) {
    return summarize(*options, s);
  });
  Command merging = add_one(junit, "merge", "Merge files into one well-formed file for Jenkins", options);
  merging.add_option("--out", options->out, "output file").type_name("FILE").required();
  merging.act([options](const Session& s) { return merge(*options, s); });
  add_one(junit, "check", "Report problems for strict readers", options).act([options](const Session& s) {
    return check(*options, s);
  });
  junit.footer(
      "Files of pytest, unittest, GoogleTest, CTest, Surefire and Jest; damaged files are read as far as possible.\n"
      "Exit codes of summarize: 0 all passed, 1 some failed or over the budget, 3 some lost or not run, 4 no "
      "cases.\n"
      "merge ends with 3 when data was lost, check with 1 when a file has a problem.\n"
      "Examples:\n"
      "  spyre-ci junit summarize build/test-results\n"
      "  spyre-ci junit merge shard-*/junit --out all.xml\n"
      "  spyre-ci junit check all.xml");
}

}  // namespace spyre::cli
