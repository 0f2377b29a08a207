// SPDX-License-Identifier: Apache-2.0
#include "agent/job/stack.hpp"

#include "agent/cards/card.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/report/stack_text.hpp"

namespace spyre::job {
namespace {

// The first line of version.txt, as PyTorch's trees have it.
std::string version_of(const FileTree& tree) {
  constexpr std::size_t longest = 100;
  const auto text = tree.read("version.txt");
  return text ? valid_utf8(shorten(trim(split(*text, '\n').front()), longest)) : std::string();
}

}  // namespace

Result<execute::PythonVersions> check_python(const Config& config) {
  return execute::check_python(config.execute, config.python, cards::Machine::here().environment);
}

results::Stack stack_of(const execute::PythonVersions& python, const Source& source) {
  results::Stack stack;
  stack.python = python.python;
  stack.pytest = python.pytest;
  stack.torch = {python.torch, python.torch_revision};
  stack.tested = {source.revision(), version_of(source.tree())};
  return stack;
}

Result<std::vector<std::string>> check_stack(const results::Stack& stack, bool strict) {
  const results::TorchMatch match = results::match_torch(stack.torch, stack.tested);
  if (match == results::TorchMatch::same) return std::vector<std::string>{};
  const std::string line = report::torch_match_line(stack);
  if (strict) {
    return fail(ErrorKind::infra, line,
                "install the torch that was built from that revision, test another --rev, or omit --strict-stack");
  }
  if (results::is_mismatch(match)) return std::vector<std::string>{line};
  log::info(line);
  return std::vector<std::string>{};
}

}  // namespace spyre::job
