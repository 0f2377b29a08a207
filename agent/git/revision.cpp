// SPDX-License-Identifier: Apache-2.0
#include "agent/git/revision.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>
#include <git2.h>

#include "agent/core/text.hpp"

namespace spyre::git {
namespace {

constexpr std::size_t sha_digits = 40;
constexpr std::size_t fewest_digits = 4;

bool all_of(std::string_view text, int (*is)(int)) {
  return std::all_of(text.begin(), text.end(), [is](unsigned char c) { return is(c) != 0; });
}

bool may_be_sha(std::string_view text) {
  return text.size() >= fewest_digits && text.size() <= sha_digits &&
         all_of(text, [](int c) { return std::isxdigit(c); });
}

// Return the number of "pr/N"; nothing for other texts.
std::string_view pull_request(std::string_view text) {
  constexpr std::string_view prefix = "pr/";
  if (!text.starts_with(prefix)) return {};
  const std::string_view number = text.substr(prefix.size());
  const bool good = !number.empty() && number.size() < 10 && number[0] != '0' &&
                    all_of(number, [](int c) { return std::isdigit(c); });
  return good ? number : std::string_view{};
}

bool is_ref_name(const std::string& name) {
  int valid = 0;
  return git_reference_name_is_valid(&valid, name.c_str()) == 0 && valid == 1;
}

tl::unexpected<Error> refuse(const std::string& text) {
  return fail(ErrorKind::usage, fmt::format("'{}' cannot be a revision", text),
              "give pinned, main, a SHA, a tag, a branch or pr/N");
}

Result<Revision> parse_name(const std::string& text, const RevisionNames& names) {
  Revision revision{.shown = text, .name = text, .refs = {}, .sha = {}};
  if (is_commit_id(text)) {
    revision.sha = lower(text);
    return revision;
  }
  if (const std::string_view number = pull_request(text); !number.empty()) {
    revision.refs.push_back({.name = fmt::format("refs/pull/{}/head", number), .moves = true});
  } else if (text == "HEAD") {
    revision.refs.push_back({.name = text, .moves = true});
  } else if (text == "main") {
    revision.name = names.main;
    if (names.main != text) revision.shown = fmt::format("main ({})", names.main);
    revision.refs.push_back({.name = "refs/heads/" + names.main, .moves = true});
  } else {
    revision.refs.push_back({.name = "refs/tags/" + text, .moves = false});
    revision.refs.push_back({.name = "refs/heads/" + text, .moves = true});
  }
  const bool valid =
      !revision.name.starts_with('-') && std::all_of(revision.refs.begin(), revision.refs.end(),
                                                     [](const Revision::Ref& ref) { return is_ref_name(ref.name); });
  if (!valid) return refuse(text);
  if (may_be_sha(text)) revision.sha = lower(text);
  return revision;
}

}  // namespace

Result<Revision> parse_revision(const std::string& text, const RevisionNames& names) {
  if (text != "pinned") return parse_name(text, names);
  if (names.pinned.empty() || names.pinned == "pinned") {
    return fail(
        ErrorKind::config, "revision 'pinned': no revision is pinned",
        "set pytorch.pinned to a commit, a tag or a branch (in the configuration, or --set pytorch.pinned=REV), or "
        "give another --rev");
  }
  TRY(Revision revision, parse_name(names.pinned, names));
  revision.shown = fmt::format("pinned ({})", names.pinned);
  return revision;
}

bool is_full_sha(const std::string& text) {
  return is_commit_id(text) && text == lower(text);
}

}  // namespace spyre::git
