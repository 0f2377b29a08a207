// SPDX-License-Identifier: Apache-2.0
#include "agent/git/revision.hpp"

#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace {

const RevisionNames names{.pinned = "v1.13.1", .main = "trunk"};

std::vector<std::string> refs_of(const Revision& revision) {
  std::vector<std::string> refs;
  for (const Revision::Ref& ref : revision.refs) refs.push_back(ref.name + (ref.moves ? " moves" : ""));
  return refs;
}

TEST_CASE("each kind of revision names its possible refs", "[revision]") {
  using Refs = std::vector<std::string>;
  const std::string sha(40, 'a');
  const auto [text, refs, digits] = GENERATE_COPY(table<std::string, Refs, std::string>({
      {"pinned", Refs{"refs/tags/v1.13.1", "refs/heads/v1.13.1 moves"}, ""},
      {"main", Refs{"refs/heads/trunk moves"}, ""},
      {"pr/123", Refs{"refs/pull/123/head moves"}, ""},
      {"HEAD", Refs{"HEAD moves"}, ""},
      {"release/1.13", Refs{"refs/tags/release/1.13", "refs/heads/release/1.13 moves"}, ""},
      {sha, Refs{}, sha},
      {std::string(40, 'A'), Refs{}, sha},
      {"3C48", Refs{"refs/tags/3C48", "refs/heads/3C48 moves"}, "3c48"},
      {"3c4", Refs{"refs/tags/3c4", "refs/heads/3c4 moves"}, ""},
      {"pr/0", Refs{"refs/tags/pr/0", "refs/heads/pr/0 moves"}, ""},
      {"pr/x", Refs{"refs/tags/pr/x", "refs/heads/pr/x moves"}, ""},
  }));
  const Revision revision = value_of(parse_revision(text, names));
  CHECK(refs_of(revision) == refs);
  CHECK(revision.sha == digits);
}

TEST_CASE("an invalid ref is refused before git sees it", "[revision]") {
  const std::string text = GENERATE("", "-x", "--upload-pack=evil", "a b", "a..b", "a:b", "a^", "a~1", "*", "a/", "/a",
                                    "a//b", "a.lock", "a\nb", "@{1}", ".a", "a\\b", "[a]");
  CHECK(error_of(parse_revision(text, names)).kind == ErrorKind::usage);
}

TEST_CASE("pinned requires a pinned revision", "[revision]") {
  CHECK(error_of(parse_revision("pinned", {})).kind == ErrorKind::config);
  CHECK(error_of(parse_revision("pinned", {.pinned = "pinned"})).kind == ErrorKind::config);
  CHECK(refs_of(value_of(parse_revision("pinned", {.pinned = "main", .main = "trunk"}))) ==
        std::vector<std::string>{"refs/heads/trunk moves"});
  CHECK(value_of(parse_revision("pinned", names)).shown == "pinned (v1.13.1)");
}

}  // namespace
}  // namespace spyre::git
