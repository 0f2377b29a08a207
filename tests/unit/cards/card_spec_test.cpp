// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/card.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::cards;
using Source = CardSpec::Source;

TEST_CASE("card specifications are parsed") {
  CHECK(parse_card_spec("auto")->source == Source::automatic);
  CHECK(parse_card_spec("env")->source == Source::environment);
  CHECK(parse_card_spec("vfio")->source == Source::vfio);
  CHECK(parse_card_spec("cpu:2")->source == Source::cpu);
  CHECK(parse_card_spec("cpu:2")->count == 2);
  CHECK(parse_card_spec("2048")->source == Source::count);
  CHECK(parse_card_spec("2048")->count == 2048);
  CHECK(parse_card_spec("cpu:65536")->count == max_cards);
}

TEST_CASE("zero cards are refused, because a suite without cards would pass") {
  for (const std::string text : {"cpu:0", "0", "cpu:00"}) {
    const auto spec = parse_card_spec(text);
    REQUIRE(!spec);
    CHECK(spec.error().kind == ErrorKind::usage);
    CHECK(spec.error().message == "--cards '" + text + "' requests no cards, so no test could run");
    CHECK(spec.error().hint == "give at least one, as in --cards cpu:1");
  }
}

TEST_CASE("invalid texts are refused with a suggestion") {
  for (const std::string text : {"", "cpu", "cpu:", "cpu:-1", "cpu:2x", "cpu:65537", "65537", "gpu:2", "2 ", "+2",
                                 "99999999999999999999", "vfoi", "AUTO"}) {
    CAPTURE(text);
    const auto spec = parse_card_spec(text);
    REQUIRE(!spec);
    CHECK(spec.error().kind == ErrorKind::usage);
    CHECK(spec.error().message.find("--cards '" + text + "'") == 0);
    CHECK(!spec.error().hint.empty());
  }
  CHECK(parse_card_spec("vfoi").error().message.find("did you mean 'vfio'?") != std::string::npos);
}
