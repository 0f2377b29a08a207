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
  // A build can have any version: the commit is stronger evidence.
  CHECK(match_torch({"2026.1", commit_a}, {commit_a, "2.6.0a0"}) == TorchMatch::same);
}

TEST_CASE("two known commits that differ are a mismatch, regardless of the versions") {
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

TEST_CASE("an unreadable version or commit is unknown") {
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

namespace {

Stack full_stack() {
  Stack stack{"3.13.5", "8.3.5", {"2.6.0+debian", commit_a}, {commit_b, "2.6.0a0"}};
  stack.packages = {{"torch_spyre", "0.3", commit_b}, {"torchvision", "0.21 rc", ""}};
  stack.given = {{"firmware", "1.2"}};
  stack.host = {"node7", "6.1.0", "x86_64", "registry/spyre:1", "spyre", {"0000:1a:00.0"}};
  return stack;
}

}  // namespace

TEST_CASE("the key of a stack contains what results depend on") {
  CHECK(stack_key(full_stack()) == "architecture=x86_64 cards=spyre firmware=1.2 python=3.13 torch=" + commit_a +
                                       " torch_spyre=" + commit_b + " torchvision=0.21_rc");
  Stack other = full_stack();
  other.pytest = "8.4.0";
  other.python = "3.13.6";
  other.tested = {};
  other.host.name = "node8";
  other.host.card_addresses = {"0000:1b:00.0"};
  CHECK(stack_key(other) == stack_key(full_stack()));
  other.given["torch_spyre"] = "mine";
  CHECK(stack_key(other).ends_with(" torch_spyre=mine torchvision=0.21_rc"));
}

TEST_CASE("a stack without a known torch has no key") {
  Stack stack = full_stack();
  stack.torch.git_revision.clear();
  CHECK(stack_key(stack).find(" torch=2.6.0+debian ") != std::string::npos);
  stack.torch = {};
  CHECK(stack_key(stack).empty());
  CHECK(stack_key({}).empty());
  stack.given["torch"] = "by hand";
  CHECK(stack_key(stack).find(" torch=by_hand ") != std::string::npos);
}

TEST_CASE("changes between two keys") {
  const std::string before = "cards=spyre firmware=1 torch=a", after = "cards=spyre torch=b torch_spyre=0.3";
  CHECK(stack_changes(before, after) ==
        std::vector<StackChange>{{"firmware", "1", ""}, {"torch", "a", "b"}, {"torch_spyre", "", "0.3"}});
  CHECK(stack_changes(before, before).empty());
  CHECK(stack_changes("", after).empty());
  CHECK(stack_changes(before, "").empty());
}

TEST_CASE("items of --stack are names and versions") {
  CHECK(parse_stack_items({"firmware=1.2", "flags=a=b"}).value() ==
        VersionsByName{{"firmware", "1.2"}, {"flags", "a=b"}});
  for (const char* item : {"", "firmware", "=1", "firmware=", "a b=1", "firmware=1 2", "firmware=\n"}) {
    CAPTURE(item);
    const auto refused = parse_stack_items({item});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == spyre::ErrorKind::usage);
    CHECK(refused.error().hint.find("NAME=VERSION") != std::string::npos);
  }
  CHECK_FALSE(parse_stack_items({"a=1", "a=2"}).has_value());
  CHECK_FALSE(parse_stack_items({"a=" + std::string(300, 'x')}).has_value());
}

TEST_CASE("a stack is read back from its document") {
  const Stack stack = full_stack();
  const nlohmann::json document = to_json(stack);
  CHECK(document["torch_match"] == "other_revision");
  const auto read = read_stack(document);
  REQUIRE(read.has_value());
  CHECK(*read == stack);
  CHECK(read_stack(nlohmann::json::object()).value() == Stack{});
  CHECK_FALSE(read_stack({{"torch", {{"version", 2.6}}}}).has_value());
}
