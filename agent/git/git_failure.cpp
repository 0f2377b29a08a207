// SPDX-License-Identifier: Apache-2.0
#include "agent/git/git_failure.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::git {
namespace {

struct Meaning {
  std::string_view words;  // in git's error text, lower-case
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view credentials_hint =
    "set up a credential helper or a key for it (git ls-remote must work without a prompt)";
constexpr std::string_view network_hint = "check the network, the proxy and the address";

// The first match counts.
constexpr std::array<Meaning, 13> meanings{{
    {"no space left on device", ErrorKind::io, "free some space, or choose another directory for the mirror"},
    {"disk quota exceeded", ErrorKind::io, "free some space, or choose another directory for the mirror"},
    {"couldn't find remote ref", ErrorKind::not_found, ""},
    {"not our ref", ErrorKind::not_found, ""},
    {"terminal prompts disabled", ErrorKind::infra, credentials_hint},
    {"authentication failed", ErrorKind::infra, credentials_hint},
    {"permission denied (", ErrorKind::infra, credentials_hint},
    {"could not resolve host", ErrorKind::infra, network_hint},
    {"does not appear to be a git repository", ErrorKind::invalid, "check the address of the repository"},
    {"not a git repository", ErrorKind::invalid, "check the address of the repository"},
    {"repository not found", ErrorKind::invalid, "check the address of the repository, and whether you may read it"},
    {"' not found", ErrorKind::invalid, "check the address of the repository, and whether you may read it"},
    {"dubious ownership", ErrorKind::invalid, "git config --global --add safe.directory <its path>"},
}};

bool is_progress(std::string_view line) {
  constexpr std::array<std::string_view, 4> beginnings{"remote: Enumerating", "remote: Counting", "remote: Compressing",
                                                       "remote: Total"};
  const auto begins = [line](std::string_view beginning) { return line.starts_with(beginning); };
  return line.find("% (") != std::string_view::npos || std::any_of(beginnings.begin(), beginnings.end(), begins);
}

// Return the lines that give the reason, without progress and advice.
std::string reason(const std::string& errors) {
  constexpr std::size_t most_lines = 3;
  std::vector<std::string> lines;
  LineSplitter splitter([&lines](std::string_view line) {
    if (!is_progress(line) && lines.size() < most_lines) lines.emplace_back(line);
  });
  splitter.feed(errors);
  splitter.finish();
  return lines.empty() ? "it gave no reason" : join(lines, "; ");
}

}  // namespace

Error git_failure(std::string_view what, const GitProgram::Outcome& outcome, const Address& address) {
  const auto error = [&](ErrorKind kind, std::string_view why, std::string_view hint) {
    return Error{kind, fmt::format("{} from {}: {}", what, address.shown, redact(why, address)), std::string(hint)};
  };
  if (outcome.silent_for) {
    return error(ErrorKind::infra,
                 fmt::format("git printed nothing for {} and was stopped", format_duration(*outcome.silent_for)),
                 "check that the server responds: git ls-remote with the same address must finish");
  }
  if (outcome.signal == SIGINT || outcome.signal == SIGTERM) return error(ErrorKind::interrupted, "interrupted", "");
  if (outcome.signal != 0)
    return error(ErrorKind::infra, fmt::format("git was ended by signal {}", outcome.signal), "");
  const std::string why = reason(outcome.errors);
  const std::string said = lower(outcome.errors);
  for (const Meaning& meaning : meanings) {
    if (said.find(meaning.words) != std::string::npos) return error(meaning.kind, why, meaning.hint);
  }
  return error(ErrorKind::infra, why, network_hint);
}

bool refuses_shas(const GitProgram::Outcome& outcome) {
  return lower(outcome.errors).find("unadvertised object") != std::string::npos;
}

}  // namespace spyre::git
