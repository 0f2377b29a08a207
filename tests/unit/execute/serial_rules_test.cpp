// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/serial_rules.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

TEST_CASE("tests are serial by name") {
  const auto rules =
      SerialRules::parse("serial:\n  - test/test_a.py::TestPort::*\n  - '**::test_alone'\n", "serial.yaml");
  REQUIRE(rules.has_value());
  CHECK(rules->contains("test/test_a.py::TestPort::test_x"));
  CHECK(rules->contains("test/nn/test_b.py::TestB::test_alone"));
  CHECK_FALSE(rules->contains("test/test_a.py::TestOther::test_x"));
  CHECK_FALSE(SerialRules::parse("serial: []", "serial.yaml")->contains("test/test_a.py::test_x"));
}

TEST_CASE("an invalid rule file is refused with its place") {
  const auto error = SerialRules::parse("seriel: []", "my.yaml").error();
  CHECK(error.kind == ErrorKind::config);
  CHECK(error.message.find("my.yaml:1") != std::string::npos);
}
