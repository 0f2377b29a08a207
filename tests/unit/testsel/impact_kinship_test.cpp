// SPDX-License-Identifier: Apache-2.0
#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "testsel/kinship.hpp"
#include "testsel/profile_table.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Parts = std::set<std::string>;

TEST_CASE("name_parts returns the words of a path") {
  CHECK(name_parts("torch/nn/modules/pooling.py") == Parts{"nn", "module", "pooling"});
  CHECK(name_parts("test/nn/test_pooling.py") == Parts{"nn", "pooling"});
  CHECK(name_parts("test/test_torch.py") == Parts{"torch"});
  CHECK(name_parts("aten/src/ATen/native/SpectralOps.cpp") == Parts{"aten", "src", "native", "spectral", "op"});
  CHECK(name_parts("torch/__init__.py").empty());
  CHECK(name_parts("torch/_VF.py") == Parts{"vf"});
  CHECK(name_parts("").empty());
}

TEST_CASE("files that share rare words are related") {
  const Kinship kinship({"test/nn/test_pooling.py", "test/nn/test_dropout.py", "test/nn/test_embedding.py",
                         "test/test_torch.py", "test/jit/test_module_apis.py"});
  const Parts pooling = name_parts("torch/nn/modules/pooling.py");
  const auto like = [&](std::size_t test) { return kinship.compare(pooling, test); };
  CHECK(like(0).strength > 0.7);
  CHECK(like(0).shared == std::vector<std::string>{"pooling", "nn"});
  CHECK(like(1).strength > 0);
  CHECK(like(1).strength < 0.3);
  CHECK(like(3).strength == 0);
  CHECK(like(3).shared.empty());
  CHECK(kinship.compare(name_parts("torch/nn/dropout.py"), 1).strength == Approx(1));
  CHECK(kinship.compare({}, 1).strength == 0);
}

TEST_CASE("the profiling table is read") {
  const auto table = ProfileTable::parse(
      R"({"torch/_VF.py": {"backends/xeon/test_launch": 1.0, "test_nn": 0.5}, "torch/a.py": {}})", "td.json");
  REQUIRE(table);
  CHECK(table->row("torch/_VF.py") ==
        ProfileTable::Row{{"test/backends/xeon/test_launch.py", 1.0}, {"test/test_nn.py", 0.5}});
  CHECK(table->row("torch/a.py").empty());
  CHECK(table->row("torch/b.py").empty());
}

TEST_CASE("errors in a profiling table are named") {
  const auto error_of = [](std::string_view text) {
    const auto table = ProfileTable::parse(text, "td.json");
    return table ? "no error" : table.error().message;
  };
  CHECK(error_of("[]") == "td.json: not a map of source files");
  CHECK(error_of(R"({"a.py": 1})") == "td.json: \"a.py\" is not a map of test files");
  CHECK(error_of(R"({"a.py": {"test_a": 2}})") == "td.json: \"test_a\" of \"a.py\" is not a number from 0 to 1");
  CHECK(error_of(R"({"a.py": {"test_a": "1"}})") == "td.json: \"test_a\" of \"a.py\" is not a number from 0 to 1");
  CHECK(error_of("{").starts_with("td.json:1:2: "));
}
