// SPDX-License-Identifier: Apache-2.0
#include "agent/job/stack.hpp"

#include <utility>

#include <sys/utsname.h>

#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/report/stack_text.hpp"

namespace spyre::job {
namespace {

// Return the first line of version.txt in PyTorch's tree.
std::string version_of(const FileTree& tree) {
  constexpr std::size_t longest = 100;
  const auto text = tree.read("version.txt");
  return text ? valid_utf8(shorten(trim(split(*text, '\n').front()), longest)) : std::string();
}

// The image of a podman container, from this file; other engines do not have it.
std::string container_image() {
  constexpr std::string_view mark = "image=";
  const auto text = read_file("/run/.containerenv");
  if (!text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.starts_with(mark)) continue;
    std::string image = valid_utf8(trim(line.substr(mark.size())));
    std::erase(image, '"');
    return image;
  }
  return {};
}

results::Host this_host() {
  results::Host host;
  if (utsname names{}; ::uname(&names) == 0) {
    host.name = names.nodename;
    host.kernel = names.release;
    host.architecture = names.machine;
  }
  host.image = container_image();
  return host;
}

}  // namespace

Result<execute::PythonVersions> check_python(const Config& config) {
  return execute::check_python(config.execute, config.python, cards::Machine::here().environment);
}

results::Stack stack_of(const execute::PythonVersions& python, const Source& source, results::VersionsByName given) {
  results::Stack stack;
  stack.python = python.python;
  stack.pytest = python.pytest;
  stack.torch = {python.torch, python.torch_revision};
  stack.tested = {source.revision(), version_of(source.tree())};
  for (const execute::PackageVersion& package : python.packages) {
    stack.packages.push_back({package.name, package.version, package.revision});
  }
  stack.given = std::move(given);
  stack.host = this_host();
  return stack;
}

void add_cards(results::Stack& stack, const std::vector<cards::Card>& cards) {
  stack.host.card_kind = cards.empty() ? std::string() : cards.front().kind;
  for (const cards::Card& card : cards) {
    if (!card.address.empty()) stack.host.card_addresses.push_back(card.address);
  }
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
