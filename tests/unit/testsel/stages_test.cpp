// SPDX-License-Identifier: Apache-2.0
#include "testsel/stages.hpp"

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

std::string stages_error(std::string_view text) {
  const auto stages = Stages::parse(text, "stages.yaml");
  return stages ? "no error" : stages.error().message;
}

}  // namespace

TEST_CASE("the stages of the rollout are valid") {
  const auto stages =
      Stages::parse(read_file(test::project() / "pipelines/stages.yaml").value(), "pipelines/stages.yaml");
  if (!stages) FAIL(stages.error().message);
  const auto is = [&](std::string_view id, double fraction, int cards) {
    const auto stage = stages->find(id);
    return stage && stage->fraction == fraction && stage->cards == cards && !stage->cadence.empty() &&
           !stage->description.empty();
  };
  CHECK(stages->all().size() == 6);
  CHECK(is("0", 0, 24));
  CHECK(is("1", 0.05, 128));
  CHECK(is("2", 0.25, 512));
  CHECK(is("3", 0.5, 1024));
  CHECK(is("4", 0.8, 2048));
  CHECK(is("5", 0.8, 2048));
}

TEST_CASE("an unknown stage is an error that lists the existing ones") {
  const auto stages =
      Stages::parse("stages:\n- {id: 1, fraction: 0.1, cards: 2}\n- {id: all, fraction: 1, cards: 4}", "s");
  REQUIRE(stages);
  const auto stage = stages->find("7");
  REQUIRE_FALSE(stage);
  CHECK(stage.error().kind == ErrorKind::usage);
  CHECK(stage.error().message == "there is no stage '7'");
  CHECK(stage.error().hint == "the stages are 1, all");
}

TEST_CASE("errors in stages are reported with their place") {
  CHECK(stages_error("stage: []") == "stages.yaml:1:1: unknown key 'stage'; did you mean 'stages'?");
  CHECK(stages_error("stages: []") == "stages.yaml:1:9: expected a list of stages");
  CHECK(stages_error("stages:\n- {id: 1, fraction: 1.5, cards: 2}") ==
        "stages.yaml:2:21: expected a number from 0 to 1");
  CHECK(stages_error("stages:\n- {id: 1, fraction: 0.5}") == "stages.yaml:2:3: a stage needs the key 'cards'");
  CHECK(stages_error("stages:\n- {id: 1, fraction: 0.5, cards: -1}") ==
        "stages.yaml:2:33: expected a whole number from 0 to 1000000");
  CHECK(stages_error("stages:\n- {id: 1, fraction: 0.5, cards: 1}\n- {id: 1, fraction: 0.5, cards: 1}") ==
        "stages.yaml:3:3: there is another stage '1'");
  CHECK(stages_error("stages:\n- {id: 1, fraction: 0.5, cards: 1, cadance: x}") ==
        "stages.yaml:2:36: unknown key 'cadance'; did you mean 'cadence'?");
}
