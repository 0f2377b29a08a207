// SPDX-License-Identifier: Apache-2.0
// <name>.cases describes the meaning of each writer's file.
#include <filesystem>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/junit/junit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;
namespace fs = std::filesystem;

namespace {

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string described(const Report& report) {
  std::string out;
  for (const Case& each : report.cases) {
    out += fmt::format("{} {} time={:g} reruns={}", name(each.outcome), each.id(), each.time_s, each.reruns);
    if (!each.message.empty()) out += fmt::format(" | {} | {}", first_line(each.message), each.details.size());
    out += "\n";
  }
  for (const std::string& loss : report.losses) out += fmt::format("lost: {}\n", loss);
  return out;
}

}  // namespace

TEST_CASE("every dialect is read as its golden file describes") {
  const std::string dialect =
      GENERATE("pytest-xunit1", "pytest-xunit2", "pytest-reruns", "unittest-xml", "googletest", "ctest", "surefire",
               "jest", "merged", "truncated", "latin1", "utf16", "damaged");
  CAPTURE(dialect);
  const fs::path directory = test::fixtures() / "junit";
  const auto text = read_file(directory / (dialect + ".xml"));
  const auto expected = read_file(directory / (dialect + ".cases"));
  REQUIRE(text);
  REQUIRE(expected);
  const auto report = parse_report(*text, dialect + ".xml");
  REQUIRE(report);
  CHECK(described(*report) == *expected);
}
