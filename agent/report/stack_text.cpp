// SPDX-License-Identifier: Apache-2.0
#include "agent/report/stack_text.hpp"

#include <fmt/format.h>

namespace spyre::report {
namespace {

using results::Stack;
using results::TorchMatch;

// "2.6.0 (1a2b3c4d5e6f)".
std::string named(const std::string& version, const std::string& revision) {
  constexpr std::size_t shown_digits = 12;
  const std::string known = version.empty() ? "of an unknown version" : version;
  return revision.empty() ? known : fmt::format("{} ({})", known, revision.substr(0, shown_digits));
}

std::string unknown_because(const Stack& stack) {
  if (stack.torch.version.empty()) return "torch was not looked at, because python.preload does not name it";
  if (stack.torch.git_revision.empty()) return "torch does not say which commit it was built from";
  return "the tested source is no known commit";
}

}  // namespace

std::string torch_match_line(const Stack& stack) {
  const std::string torch = named(stack.torch.version, stack.torch.git_revision);
  const std::string tested = named(stack.tested.version, stack.tested.revision);
  switch (results::match_torch(stack.torch, stack.tested)) {
    case TorchMatch::same:
      return fmt::format("the installed torch {} is built from the tested revision", torch);
    case TorchMatch::other_revision:
      return fmt::format("the installed torch {} is not built from the tested revision, {}", torch, tested);
    case TorchMatch::other_version:
      return fmt::format("the installed torch is {}, the tested revision is PyTorch {}", torch, tested);
    case TorchMatch::unknown:
      break;
  }
  return fmt::format("unknown whether the installed torch is built from the tested revision: {}",
                     unknown_because(stack));
}

std::string changed_stack_line(const Stack& before, const Stack& now) {
  return fmt::format(
      "the run is continued with torch {}, Python {} and pytest {}; it was started with torch {}, Python {} "
      "and pytest {}",
      named(now.torch.version, now.torch.git_revision), now.python, now.pytest,
      named(before.torch.version, before.torch.git_revision), before.python, before.pytest);
}

}  // namespace spyre::report
