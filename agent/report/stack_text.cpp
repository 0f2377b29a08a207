// SPDX-License-Identifier: Apache-2.0
#include "agent/report/stack_text.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::report {
namespace {

using results::Stack;
using results::TorchMatch;

constexpr std::size_t shown_digits = 12;

// "2.6.0 (1a2b3c4d5e6f)".
std::string named(const std::string& version, const std::string& revision) {
  const std::string known = version.empty() ? "of an unknown version" : version;
  return revision.empty() ? known : fmt::format("{} ({})", known, revision.substr(0, shown_digits));
}

std::string brief(const std::string& version) {
  if (version.empty()) return "none";
  return is_commit_id(version) ? version.substr(0, shown_digits) : version;
}

std::string unknown_because(const Stack& stack) {
  if (stack.torch.version.empty()) return "torch was not inspected, because python.preload does not contain it";
  if (stack.torch.git_revision.empty()) return "torch does not say which commit it was built from";
  return "the commit of the tested source is unknown";
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

std::string stack_line(const Stack& stack) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view name, const std::string& version) {
    if (!version.empty()) parts.push_back(fmt::format("{} {}", name, version));
  };
  if (stack.torch != results::TorchBuild{}) add("torch", named(stack.torch.version, stack.torch.git_revision));
  for (const results::Package& package : stack.packages)
    add(package.name, named(package.version, package.git_revision));
  for (const auto& [name, version] : stack.given) add(name, brief(version));
  add("Python", stack.python);
  add("pytest", stack.pytest);
  return join(parts, ", ");
}

std::string host_line(const results::Host& host) {
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) parts.push_back(name + text);
  };
  add("", host.name);
  add("", host.architecture);
  add("Linux ", host.kernel);
  add("image ", host.image);
  if (host.card_addresses.empty()) {
    add("cards ", host.card_kind);
  } else {
    parts.push_back(fmt::format("cards {} ({})", host.card_kind, join(host.card_addresses, ", ")));
  }
  return join(parts, ", ");
}

std::string stack_change_text(const results::StackChange& change) {
  return fmt::format("{} {} → {}", change.name, brief(change.before), brief(change.after));
}

std::string changed_stack_line(const Stack& before, const Stack& now) {
  return fmt::format("the run is continued with {}; it was started with {}", stack_line(now), stack_line(before));
}

}  // namespace spyre::report
