// SPDX-License-Identifier: Apache-2.0
#include "agent/core/yaml.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;

TEST_CASE("a value remembers its position") {
  const auto yaml = Yaml::parse("a: 1\nb:\n  - x\n  - y: 2\n", "f.yaml");
  REQUIRE(yaml);
  CHECK(yaml->find("a")->as_int(0, 9).value() == 1);
  CHECK(yaml->find("b")->items()[1].find("y")->where() == "f.yaml:4:8");
  CHECK(yaml->find("c") == nullptr);
}

TEST_CASE("a second document is refused, because it would be ignored") {
  CHECK(Yaml::parse("a: 1\n---\nb: 2\n", "f.yaml").error().message.starts_with("f.yaml:3:1: a second document"));
  CHECK_FALSE(Yaml::parse("---\n---\nb: 2\n", "f.yaml"));
  CHECK(Yaml::parse("---\na: 1\n", "f.yaml")->find("a"));
  CHECK(Yaml::parse("a: 1\n...\n", "f.yaml"));
  CHECK(Yaml::parse("a: 1\n---\n", "f.yaml"));
}

TEST_CASE("an empty text is null, positioned at its beginning") {
  CHECK(Yaml::parse("", "f.yaml")->as_int(0, 9).error().message.starts_with("f.yaml:1:1: expected a whole number"));
}

TEST_CASE("errors name the place and the nearest key") {
  const auto yaml = Yaml::parse("name: x\nstagee: 1\n", "f.yaml");
  REQUIRE(yaml);
  const auto checked = yaml->check_keys({"name", "stage"});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::config);
  CHECK(checked.error().message == "f.yaml:2:1: unknown key 'stagee'; did you mean 'stage'?");
}

TEST_CASE("invalid YAML and texts over the limits are refused") {
  CHECK(Yaml::parse("a: [1,", "f.yaml").error().message.starts_with("f.yaml:"));
  CHECK(Yaml::parse("a: 1\na: 2\n", "f.yaml").error().message == "f.yaml:2:1: 'a' is given twice");
  CHECK_FALSE(Yaml::parse(std::string(100'000, '['), "f.yaml"));
  std::string dashes;
  for (int i = 0; i < 10'000; ++i) dashes += "- ";
  CHECK_FALSE(Yaml::parse(dashes, "f.yaml"));
  CHECK_FALSE(Yaml::parse("[a, b]: 1", "f.yaml"));
}

TEST_CASE("aliases that multiply are refused") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const auto yaml = Yaml::parse(bomb, "f.yaml");
  REQUIRE_FALSE(yaml);
  CHECK(yaml.error().message.find("alias") != std::string::npos);
}

TEST_CASE("typed accessors refuse other types") {
  const auto yaml = Yaml::parse("n: 5\nt: text\nl: [a, b]\ne:\nd: 10m\nb: true\nm: {k: v}\n", "f.yaml");
  REQUIRE(yaml);
  const auto at = [&](const char* key) -> const Yaml& { return *yaml->find(key); };
  CHECK(at("n").as_int(0, 4).error().message == "f.yaml:1:4: expected a whole number from 0 to 4");
  CHECK_FALSE(at("t").as_int(0, 4));
  CHECK_FALSE(at("l").as_int(0, 4));
  CHECK(at("l").as_strings().value() == std::vector<std::string>{"a", "b"});
  CHECK(at("t").as_strings().value() == std::vector<std::string>{"text"});
  CHECK(at("e").as_strings().value().empty());
  CHECK_FALSE(at("m").as_strings());
  CHECK(at("d").as_duration()->count() == 600);
  CHECK_FALSE(at("t").as_duration());
  CHECK(at("b").as_bool().value());
  CHECK_FALSE(at("t").as_bool());
  CHECK_FALSE(at("m").as_string());
  CHECK(at("n").as_number(0, 10).value() == 5);
  CHECK_FALSE(at("t").as_number(0, 10));
}
