// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/profile.hpp"

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"

using namespace spyre;
using namespace spyre::cards;

namespace {

const std::string embedded = read_file(test::project() / "pipelines/profiles.yaml").value_or("");

}  // namespace

TEST_CASE("the embedded profile of Spyre cards equals the settings of torch-spyre's runner") {
  const auto profile = read_profile(embedded, "profiles.yaml", "spyre");
  REQUIRE(profile);
  const Expanded expanded = expand(
      profile->variables, {{"TORCH_ROOT", "/src"}, {"TORCH_DEVICE_ROOT", "/ts"}, {"PYTORCH_TEST_CONFIG", "/c.yaml"}});
  CHECK(expanded.left_out.empty());
  CHECK(expanded.variables == Variables{{"PYTORCH_TESTING_DEVICE_ONLY_FOR", "privateuse1"},
                                        {"TORCH_TEST_DEVICES", "/ts/tests/oot_framework/oot_test_base_common.py"},
                                        {"PYTORCH_TEST_CONFIG", "/c.yaml"},
                                        {"TORCH_ROOT", "/src"},
                                        {"TORCH_DEVICE_ROOT", "/ts"}});
}

TEST_CASE("a profile says how cases are isolated and which classes are made for the device") {
  const auto profile = read_profile(embedded, "profiles.yaml", "spyre");
  REQUIRE(profile);
  CHECK(profile->isolation == Isolation::process);
  CHECK(profile->inject == PlainTests::configured);
  CHECK_FALSE(read_profile(embedded, "profiles.yaml", "cpu")->inject.has_value());
  CHECK(read_profile("x: {inject: {plain: device}}\n", "p.yaml", "x")->inject == PlainTests::device);
  CHECK(read_profile("x: {inject: {}}\n", "p.yaml", "x")->inject == PlainTests::configured);
  for (const char* wrong : {"isolation: fork", "inject: true", "inject: {plain: all}", "inject: {tests: all}"}) {
    const auto refused = read_profile(std::string("x:\n  ") + wrong + "\n", "p.yaml", "x");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::config);
    CHECK(refused.error().message.starts_with("p.yaml:2:"));
  }
}

TEST_CASE("CPU slots have only the variables that upstream's runner sets for single files") {
  const Profile profile = read_profile(embedded, "profiles.yaml", "cpu").value();
  CHECK(profile.variables.empty());
  CHECK(variables_of(profile.files, "test/distributed/test_distributed_spawn.py") ==
        Variables{{"BACKEND", "gloo"}, {"WORLD_SIZE", "2"}, {"TEMP_DIR", "${TMPDIR}"}});
  CHECK(variables_of(profile.files, "test/distributed/test_store.py").empty());
}

TEST_CASE("entries for files match patterns, and later ones win") {
  const Profile profile =
      read_profile("cpu:\n  A: all\n  test/d/**: {B: '1', C: '2'}\n  test/d/test_x.py: {C: '3'}\n", "p.yaml", "cpu")
          .value();
  CHECK(profile.variables == Variables{{"A", "all"}});
  CHECK(variables_of(profile.files, "test/d/test_x.py") == Variables{{"B", "1"}, {"C", "3"}});
  CHECK(variables_of(profile.files, "test/d/e/test_y.py") == Variables{{"B", "1"}, {"C", "2"}});
  CHECK(variables_of(profile.files, "test/test_x.py").empty());
}

TEST_CASE("an entry with an unset variable is left out and reported") {
  const Expanded expanded = expand({{"A", "${B}/x"}, {"C", "1${D}2${D}"}, {"E", "${unfinished"}}, {{"D", "d"}});
  CHECK(expanded.variables == Variables{{"C", "1d2d"}, {"E", "${unfinished"}});
  CHECK(expanded.left_out == std::vector<std::string>{"A: B is not set"});
}

TEST_CASE("a missing or invalid profile is refused with its place") {
  const auto unknown = read_profile("spyre: {}\n", "p.yaml", "spire");
  REQUIRE(!unknown);
  CHECK(unknown.error().kind == ErrorKind::config);
  CHECK(unknown.error().message.find("did you mean 'spyre'") != std::string::npos);
  const auto list = read_profile("spyre: [a]\n", "p.yaml", "spyre");
  REQUIRE(!list);
  CHECK(list.error().message.starts_with("p.yaml:1:8"));
  CHECK(!read_profile("[]", "p.yaml", "spyre"));
  CHECK(!read_profile("spyre: {A: [1]}", "p.yaml", "spyre"));
  CHECK(!read_profile("spyre: {test/a.py: {A: [1]}}", "p.yaml", "spyre"));
}
