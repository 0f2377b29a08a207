// SPDX-License-Identifier: Apache-2.0
#include "agent/report/stack_text.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;

namespace {

const std::string commit_a(40, 'a'), commit_b(40, 'b');

results::Stack stack(results::TorchBuild torch, results::TestedTree tested) {
  return {"3.13.5", "8.3.5", std::move(torch), std::move(tested)};
}

}  // namespace

TEST_CASE("a mismatch of torch and revision is described") {
  CHECK(report::torch_match_line(stack({"2.6.0", commit_a}, {commit_b, "2.7.0a0"})) ==
        "the installed torch 2.6.0 (aaaaaaaaaaaa) is not built from the tested revision, 2.7.0a0 (bbbbbbbbbbbb)");
  CHECK(report::torch_match_line(stack({"2.6.0", ""}, {commit_b, "2.7.0a0"})) ==
        "the installed torch is 2.6.0, the tested revision is PyTorch 2.7.0a0 (bbbbbbbbbbbb)");
}

TEST_CASE("an unknown match is explained") {
  const std::string unknown = "unknown whether the installed torch is built from the tested revision: ";
  CHECK(report::torch_match_line(stack({"1.13.0a0", ""}, {commit_b, "1.13.0a0"})) ==
        unknown + "torch does not say which commit it was built from");
  CHECK(report::torch_match_line(stack({"2.6.0", commit_a}, {"", "2.6.0a0"})) ==
        unknown + "the commit of the tested source is unknown");
  CHECK(report::torch_match_line(stack({}, {commit_b, "2.6.0a0"})) ==
        unknown + "torch was not inspected, because python.preload does not contain it");
}

TEST_CASE("a stack and its host are described in one line each") {
  results::Stack full{"3.13.5", "8.3.5", {"2.6.0", commit_a}, {commit_b, "2.6.0a0"}};
  full.packages = {{"torch_spyre", "0.3", commit_b}};
  full.given = {{"firmware", "1.2"}};
  CHECK(report::stack_line(full) == "torch 2.6.0 (" + commit_a.substr(0, 12) + "), torch_spyre 0.3 (" +
                                        commit_b.substr(0, 12) + "), firmware 1.2, Python 3.13.5, pytest 8.3.5");
  CHECK(report::stack_line({}).empty());
  CHECK(
      report::host_line({"node7", "6.1.0", "x86_64", "registry/spyre:1", "spyre", {"0000:1a:00.0", "0000:1b:00.0"}}) ==
      "node7, x86_64, Linux 6.1.0, image registry/spyre:1, cards spyre (0000:1a:00.0, 0000:1b:00.0)");
  CHECK(report::host_line({"node7", "", "x86_64", "", "cpu", {}}) == "node7, x86_64, cards cpu");
  CHECK(report::stack_change_text({"torch", commit_a, commit_b}) ==
        "torch " + commit_a.substr(0, 12) + " → " + commit_b.substr(0, 12));
  CHECK(report::stack_change_text({"firmware", "", "1.2"}) == "firmware none → 1.2");
}

TEST_CASE("a change of the stack within a run is described with both stacks") {
  CHECK(report::changed_stack_line(stack({"2.6.0", ""}, {}), {"3.14.0", "9.0", {"2.7.0", commit_a}, {}}) ==
        "the run is continued with torch 2.7.0 (aaaaaaaaaaaa), Python 3.14.0, pytest 9.0; it was started with torch "
        "2.6.0, Python 3.13.5, pytest 8.3.5");
}
