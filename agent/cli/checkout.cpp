// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/job/source.hpp"

namespace spyre::cli {
namespace {

struct CheckoutOptions {
  std::string repo, rev = "pinned", into;
};

Result<int> checkout(const CheckoutOptions& options, const Session& session) {
  TRY(git::Mirror mirror, job::open_mirror(options.repo, session.config));
  TRY(const std::string sha, mirror.resolve(options.rev, job::revision_names(session.config)));
  TRY(const git::Workspace workspace, git::Workspace::checkout(mirror, sha, options.into));
  session.print({{"revision", sha}, {"folder", workspace.directory().string()}},
                fmt::format("{} in {}\n", sha, workspace.directory().string()));
  return 0;
}

}  // namespace

void add_checkout(Command program) {
  const auto options = std::make_shared<CheckoutOptions>();
  Command command = program.add_command("checkout", "Check a revision of PyTorch out into a directory");
  command.add_option("--repo", options->repo, "PyTorch's repository; default: pytorch.repo of the configuration")
      .type_name("URL|PATH");
  command.add_option("--rev", options->rev, "pinned, main, a commit, tag, branch or pr/N")
      .type_name("REV")
      .show_default();
  command.add_option("--into", options->into, "target directory: empty, missing, or an earlier checkout")
      .type_name("DIR")
      .required();
  command.footer(
      "The repository is mirrored once and shared between runs; a second checkout writes only changed files.\n"
      "Examples:\n"
      "  spyre-ci checkout --rev main --into pytorch\n"
      "  spyre-ci checkout --repo https://github.com/pytorch/pytorch --rev pr/12345 --into pytorch");
  command.act([options](const Session& s) { return checkout(*options, s); });
}

}  // namespace spyre::cli
