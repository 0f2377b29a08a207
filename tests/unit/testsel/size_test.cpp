// SPDX-License-Identifier: Apache-2.0
#include "testsel/size.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

// Return the expected cases of a test with these decorators.
std::size_t cases_with(const std::string& decorators) {
  const Inventory inventory = inventory_of({{"test/test_a.py", decorators + "\ndef test_x(): pass\n"}});
  return expected_cases(inventory.files.at(0).tests.at(0));
}

}  // namespace

TEST_CASE("elements of written lists are counted") {
  CHECK(cases_with("") == 1);
  CHECK(cases_with("@skipIf(not X, 'no x')") == 1);
  CHECK(cases_with("@dtypes(torch.float, torch.double, torch.half)") == 3);
  CHECK(cases_with("@parametrize('n', [1, 2, (3, 4)])") == 3);
  CHECK(cases_with("@common_utils.parametrize('a,b', ((1, 2), (3, 4)))") == 2);
  CHECK(cases_with("@parametrize('n', [1, 2])\n@parametrize('m', (1, 2, 3))\n@dtypes(torch.int, torch.long)") == 12);
}

TEST_CASE("a list that is only named counts with a typical length") {
  CHECK(cases_with("@dtypes(*all_types())") > 4);
  CHECK(cases_with("@dtypes(torch.bool, *all_types())") == cases_with("@dtypes(*all_types())") + 1);
  CHECK(cases_with("@parametrize('n', range(100))") == cases_with("@parametrize('n', SIZES)"));
  CHECK(cases_with("@parametrize('n', [f(x) for x in range(100)])") == cases_with("@parametrize('n', SIZES)"));
  CHECK(cases_with("@modules(module_db)") > 50);
}

TEST_CASE("tests over operators have cases for operators and dtypes") {
  const std::size_t all = cases_with("@ops(op_db)");
  CHECK(all > 2000);
  CHECK(cases_with("@ops(op_db, dtypes=OpDTypes.none)") * 4 < all);
  CHECK(cases_with("@ops(op_db, dtypes=OpDTypes.any_one)") == cases_with("@ops(op_db, dtypes=OpDTypes.none)"));
  CHECK(cases_with("@ops(op_db, allowed_dtypes=(torch.float, torch.int))") ==
        2 * cases_with("@ops(op_db, dtypes=OpDTypes.none)"));
  CHECK(cases_with("@ops([op for op in op_db if op.ref], dtypes=OpDTypes.none)") <
        cases_with("@ops(op_db, dtypes=OpDTypes.none)"));
  CHECK(cases_with("@ops(unary_ufuncs)") < cases_with("@ops(list(op_db))"));
}

TEST_CASE("the number of expected cases is bounded") {
  std::string decorators;
  for (int i = 0; i < 40; ++i) decorators += "@parametrize('p" + std::to_string(i) + "', [1, 2, 3, 4])\n";
  CHECK(cases_with(decorators) == 100'000);
}

TEST_CASE("a selection contains the sizes of its tests and files") {
  const Inventory inventory =
      inventory_of({{"test/test_a.py",
                     "import torch\nimport numpy\nfrom torch import nn\n\n"
                     "def f():\n    import scipy\n\n"
                     "@dtypes(torch.int, torch.long)\ndef test_x(): pass\ndef test_y(): pass\n"},
                    {"test/test_b.py", "def test_z(): pass\n"}});
  Selection selection;
  selection.tests = {{"test/test_a.py::test_x"}};
  set_sizes(inventory, selection);
  CHECK(selection.tests[0].cases == 2);
  REQUIRE(selection.files.size() == 1);
  const SourceSize& size = selection.files.at("test/test_a.py");
  CHECK(size.imports == 2);
  CHECK(size.tests == 2);
  CHECK(size.cases == 3);
  CHECK(size.bytes == inventory.files[0].module->source->size());
}
