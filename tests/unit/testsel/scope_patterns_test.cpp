// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope_patterns.hpp"

#include <string>
#include <vector>

#include <rapidcheck.h>

#include "agent/core/text.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

std::string joined(const std::vector<std::string>& parts, int most) {
  std::string text;
  for (int count = *rc::gen::inRange(0, most + 1); count > 0; --count) text += *rc::gen::elementOf(parts);
  return text;
}

}  // namespace

TEST_CASE("property: a pattern over paths matches the same as glob_match") {
  CHECK(rc::check([] {
    const std::string pattern =
        *rc::gen::elementOf(std::vector<std::string>{"a", "*", "**", "**/"}) +
        joined({"a", "b", ".", "+", "/", "*", "**", "**/", "?", "[ab]", "[!a]", "[a-c]", "[.]"}, 6);
    const std::string text = joined({"a", "b", "c", ".", "+", "/"}, 8);
    PatternTable table(Glob::path);
    RC_ASSERT(table.add(pattern, 0).has_value());
    table.compile();
    RC_LOG() << pattern << " " << text;
    RC_ASSERT(table.match(text).any() == glob_match(pattern, text));
  }));
}
