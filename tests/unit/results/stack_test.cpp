// SPDX-License-Identifier: Apache-2.0
#include "agent/results/stack.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace spyre::results;

namespace {

const std::string commit_a(40, 'a'), commit_b(40, 'b');

}  // namespace

TEST_CASE("torch matches the tested revision when both commits are known and equal") {
  CHECK(match_torch({"2.6.0", commit_a}, {commit_a, "2.6.0a0"}) == TorchMatch::same);
  CHECK(match_torch({"2.6.0", std::string(40, 'A')}, {commit_a, ""}) == TorchMatch::same);
  // A build may be given any version: the commit is better evidence.
  CHECK(match_torch({"2026.1", commit_a}, {commit_a, "2.6.0a0"}) == TorchMatch::same);
}

TEST_CASE("two known commits that differ are a mismatch, whatever the versions say") {
  CHECK(match_torch({"2.6.0", commit_a}, {commit_b, "2.6.0a0"}) == TorchMatch::other_revision);
  CHECK(match_torch({"", commit_a}, {commit_b, ""}) == TorchMatch::other_revision);
}

TEST_CASE("without both commits the major and minor version are compared") {
  CHECK(match_torch({"2.6.0+cu124", ""}, {commit_b, "2.7.0a0"}) == TorchMatch::other_version);
  CHECK(match_torch({"2.6.0", commit_a}, {"", "1.6.0a0"}) == TorchMatch::other_version);
  CHECK(match_torch({"2.1.0", "Unknown"}, {commit_b, "2.10.0a0"}) == TorchMatch::other_version);
}

TEST_CASE("versions that agree do not make a match known") {
  CHECK(match_torch({"1.13.0a0", "Unknown"}, {commit_b, "1.13.1a0"}) == TorchMatch::unknown);
  CHECK(match_torch({"2.6.0+debian", ""}, {commit_b, "2.6.0a0"}) == TorchMatch::unknown);
  CHECK(match_torch({"2.6.0", commit_a}, {"", "2.6.0a0"}) == TorchMatch::unknown);
}

TEST_CASE("a version or a commit that cannot be read is unknown") {
  CHECK(match_torch({}, {}) == TorchMatch::unknown);
  for (const char* version : {"", "?", "2", "2.", ".6", "nightly", "v2.6"}) {
    INFO(version);
    CHECK(match_torch({version, ""}, {commit_a, "2.7.0a0"}) == TorchMatch::unknown);
    CHECK(match_torch({"2.7.0", ""}, {commit_a, version}) == TorchMatch::unknown);
  }
  CHECK(match_torch({"2.6.0", commit_a.substr(1)}, {commit_b, "2.6.0a0"}) == TorchMatch::unknown);
  CHECK(match_torch({"2.6.0", std::string(40, 'x')}, {commit_b, "2.6.0a0"}) == TorchMatch::unknown);
}

TEST_CASE("only other revisions and other versions are mismatches") {
  CHECK_FALSE(is_mismatch(TorchMatch::same));
  CHECK_FALSE(is_mismatch(TorchMatch::unknown));
  CHECK(is_mismatch(TorchMatch::other_revision));
  CHECK(is_mismatch(TorchMatch::other_version));
}

TEST_CASE("a stack is read back from its document") {
  const Stack stack{"3.13.5", "8.3.5", {"2.6.0+debian", commit_a}, {commit_b, "2.6.0a0"}};
  const nlohmann::json document = to_json(stack);
  CHECK(document["torch_match"] == "other_revision");
  const auto read = read_stack(document);
  REQUIRE(read.has_value());
  CHECK(*read == stack);
  CHECK(read_stack(nlohmann::json::object()).value() == Stack{});
  CHECK_FALSE(read_stack({{"torch", {{"version", 2.6}}}}).has_value());
}
