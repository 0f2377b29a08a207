// SPDX-License-Identifier: Apache-2.0
// Guesses for tests without a known duration.
#include "agent/plan/cold_times.hpp"

#include "agent/plan/work.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/plan/selections.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

const UnitWork& unit_of(const Work& work, std::string_view id) {
  for (const FileWork& file : work.files) {
    for (const UnitWork& unit : file.units) {
      if (unit.id == id) return unit;
    }
  }
  throw std::out_of_range(std::string(id));
}

double seconds_of(const Work& work, std::string_view id) {
  return unit_of(work, id).seconds;
}

}  // namespace

TEST_CASE("a test takes longer the more cases its source shows") {
  testsel::Selection selection = selection_of({"test/a.py::one", "test/a.py::eight", "test/a.py::thousand"});
  selection.tests[0].cases = 1;
  selection.tests[1].cases = 8;
  selection.tests[2].cases = 1000;
  Durations durations;
  durations.cold = {.test_s = 1, .case_s = 0.1};
  const Work work = measure(selection, durations);
  CHECK(seconds_of(work, "test/a.py::one") == Approx(1));
  CHECK(seconds_of(work, "test/a.py::eight") == Approx(1.7));
  CHECK(seconds_of(work, "test/a.py::thousand") == Approx(100.9));
}

TEST_CASE("the breadth of a test counts when its number of cases is unknown") {
  testsel::Selection selection = selection_of({"test/a.py::single", "test/a.py::dtypes", "test/a.py::operators"});
  selection.tests[1].breadth = testsel::Breadth::dtypes;
  selection.tests[2].breadth = testsel::Breadth::operators;
  const Work work = measure(selection, {});
  CHECK(seconds_of(work, "test/a.py::single") < seconds_of(work, "test/a.py::dtypes"));
  CHECK(seconds_of(work, "test/a.py::dtypes") < seconds_of(work, "test/a.py::operators"));
}

TEST_CASE("an import takes longer the more a file imports, and the larger it is") {
  testsel::Selection selection = selection_of({"test/a.py::x", "test/b.py::x", "test/c.py::x"});
  selection.files = {{"test/a.py", {.bytes = 1000, .imports = 3, .tests = 1, .cases = 1}},
                     {"test/b.py", {.bytes = 500'000, .imports = 3, .tests = 1, .cases = 1}},
                     {"test/c.py", {.bytes = 1000, .imports = 40, .tests = 1, .cases = 1}}};
  const Work work = measure(selection, {});
  CHECK(work.files[0].import_s < work.files[1].import_s);
  CHECK(work.files[0].import_s < work.files[2].import_s);
}

TEST_CASE("the time of a file is shared among its tests in proportion to their cases, selected or not") {
  testsel::Selection selection = selection_of({"test/a.py::small", "test/a.py::large"});
  selection.tests[0].cases = 1;
  selection.tests[1].cases = 91;
  // Half of the file is not selected.
  selection.files = {{"test/a.py", {.bytes = 1000, .imports = 3, .tests = 4, .cases = 184}}};
  Durations durations;
  durations.cold = {.test_s = 1, .case_s = 0.1};
  durations.files["test/a.py"] = 220;  // ten times the guess
  const Work work = measure(selection, durations);
  CHECK(seconds_of(work, "test/a.py::small") == Approx(10));
  CHECK(seconds_of(work, "test/a.py::large") == Approx(100));
}

TEST_CASE("a generator takes no more than its file's time") {
  testsel::Selection selection = selection_of({"test/a.py::T::one"}, {"test/a.py::T"});
  selection.tests[0].cases = 1;
  selection.files = {{"test/a.py", {.bytes = 1000, .imports = 3, .tests = 1, .cases = 1}}};
  Durations durations;
  durations.files["test/a.py"] = 100;
  const Work work = measure(selection, durations);
  CHECK(seconds_of(work, "test/a.py::T::one") + seconds_of(work, "test/a.py::T") == Approx(100));
}

TEST_CASE("known durations of some tests correct the guesses of others") {
  testsel::Selection selection = regular_selection(2, 100);
  Durations durations;
  durations.cold = {.test_s = 1, .case_s = 0.1, .import_s = 2};
  for (int i = 0; i < 100; ++i) durations.tests["test/test_0.py::T::test_" + std::to_string(i)] = 5;
  durations.imports["test/test_0.py"] = 60;
  const Work work = measure(selection, durations);
  CHECK(seconds_of(work, "test/test_0.py::T::test_7") == 5);
  const double corrected = seconds_of(work, "test/test_1.py::T::test_7");
  CHECK(corrected > 4);
  CHECK(corrected < 5);
  CHECK(work.files[1].import_s > 4);
  // Little evidence changes little.
  durations.tests = {{"test/test_0.py::T::test_0", 5}};
  CHECK(seconds_of(measure(selection, durations), "test/test_1.py::T::test_7") < 1.5);
}

TEST_CASE("a correction has bounds, and little evidence has little weight") {
  CHECK(correction(0, 0) == 1);
  CHECK(correction(2, 1) < 1.1);
  CHECK(correction(2000, 1000) == Approx(2).margin(0.05));
  CHECK(correction(1e9, 1) == 20);
  CHECK(correction(0, 1e9) == Approx(0.05));
}

TEST_CASE("a test that is expected to have one case is not cut by case") {
  testsel::Selection selection = selection_of({"test/a.py::one", "test/a.py::many"});
  selection.tests[0].cases = 1;
  selection.tests[1].cases = 40;
  Durations durations;
  durations.cold = {.test_s = 100, .case_s = 0};
  const auto plan = make_plan(selection, durations, {.cards = 8});
  REQUIRE(plan);
  for (const Batch& batch : plan->batches) {
    const bool is_one = std::ranges::find(batch.units, SharedText("test/a.py::one")) != batch.units.end();
    CHECK((batch.pieces == 1) == is_one);
  }
}
