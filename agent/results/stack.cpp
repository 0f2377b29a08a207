// SPDX-License-Identifier: Apache-2.0
#include "agent/results/stack.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

constexpr std::array<std::string_view, 4> match_names{"same", "unknown", "other_revision",
                                                      "other_version"};  // as in TorchMatch

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// "2.6" of "2.6.0a0+git1a2b3c4"; nothing when the text begins otherwise.
std::optional<std::string_view> major_and_minor(std::string_view version) {
  const auto digits = [&](std::size_t from) {
    std::size_t end = from;
    while (end < version.size() && is_digit(version[end])) ++end;
    return end;
  };
  const std::size_t dot = digits(0);
  if (dot == 0 || dot >= version.size() || version[dot] != '.') return std::nullopt;
  const std::size_t end = digits(dot + 1);
  return end == dot + 1 ? std::nullopt : std::optional(version.substr(0, end));
}

}  // namespace

TorchMatch match_torch(const TorchBuild& torch, const TestedTree& tested) {
  // Builds from a tarball say "Unknown".
  if (is_commit_id(torch.git_revision) && is_commit_id(tested.revision)) {
    return lower(torch.git_revision) == lower(tested.revision) ? TorchMatch::same : TorchMatch::other_revision;
  }
  const auto installed = major_and_minor(torch.version);
  const auto wanted = major_and_minor(tested.version);
  return installed && wanted && *installed != *wanted ? TorchMatch::other_version : TorchMatch::unknown;
}

nlohmann::json to_json(const Stack& stack) {
  const auto match = static_cast<std::size_t>(match_torch(stack.torch, stack.tested));
  return {{"python", stack.python},
          {"pytest", stack.pytest},
          {"torch", {{"version", stack.torch.version}, {"git_revision", stack.torch.git_revision}}},
          {"tested", {{"revision", stack.tested.revision}, {"version", stack.tested.version}}},
          {"torch_match", match_names[match]}};
}

Result<Stack> read_stack(const nlohmann::json& value) {
  const auto member = [&](const char* name) {
    return value.is_object() && value.contains(name) ? value.at(name) : nlohmann::json();
  };
  const nlohmann::json torch = member("torch");
  const nlohmann::json tested = member("tested");
  Stack stack;
  TRY(stack.python, text_or(value, "python", {}));
  TRY(stack.pytest, text_or(value, "pytest", {}));
  TRY(stack.torch.version, text_or(torch, "version", {}));
  TRY(stack.torch.git_revision, text_or(torch, "git_revision", {}));
  TRY(stack.tested.revision, text_or(tested, "revision", {}));
  TRY(stack.tested.version, text_or(tested, "version", {}));
  return stack;
}

}  // namespace spyre::results
