// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/import_graph.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Paths = std::vector<std::string>;

namespace {

ImportGraph graph_of(std::vector<MemoryTree::File> files) {
  files.push_back({"test/test_none.py", ""});
  const MemoryTree tree(std::move(files));
  const auto inventory = read_inventory(tree);
  if (!inventory) FAIL(inventory.error().message);
  auto graph = ImportGraph::read(tree, *inventory);
  if (!graph) FAIL(graph.error().message);
  return std::move(*graph);
}

// Return what one file imports of a tree with some more files.
Paths imported(const std::string& path, const std::string& text) {
  std::vector<MemoryTree::File> files{{"torch/__init__.py", ""},           {"torch/nn/__init__.py", ""},
                                      {"torch/nn/functional.py", ""},      {"torch/nn/modules/__init__.py", ""},
                                      {"torch/nn/modules/pooling.py", ""}, {"torch/fft/__init__.py", ""},
                                      {"torchgen/model.py", ""},           {"test/common.py", ""},
                                      {"test/nn/common.py", ""},           {"test/jit/fixtures.py", ""}};
  std::erase_if(files, [&](const auto& file) { return file.path == path; });
  files.push_back({path, text});
  return graph_of(std::move(files)).imports_of(path);
}

}  // namespace

TEST_CASE("a module's name resolves to its file") {
  const std::string test = "test/nn/test_a.py";
  CHECK(imported(test, "import torch") == Paths{"torch/__init__.py"});
  CHECK(imported(test, "import torch.nn.functional as F") == Paths{"torch/nn/functional.py"});
  CHECK(imported(test, "from torch.nn.modules.pooling import X") == Paths{"torch/nn/modules/pooling.py"});
  CHECK(imported(test, "import torchgen.model") == Paths{"torchgen/model.py"});
  CHECK(imported(test, "import numpy, torchvision.ops").empty());
  CHECK(imported(test, "def test_a():\n  from torch import fft\n") == Paths{"torch/fft/__init__.py"});
}

TEST_CASE("a name imported from a package is a module of it, or a definition in it") {
  const std::string test = "test/test_a.py";
  CHECK(imported(test, "from torch.nn import functional") == Paths{"torch/nn/functional.py"});
  CHECK(imported(test, "from torch.nn import Linear") == Paths{"torch/nn/__init__.py"});
  CHECK(imported(test, "from torch.nn import *") == Paths{"torch/nn/__init__.py"});
}

TEST_CASE("relative imports start from the file's directory") {
  const std::string path = "torch/nn/modules/a.py";
  CHECK(imported(path, "from . import pooling") == Paths{"torch/nn/modules/pooling.py"});
  CHECK(imported(path, "from .pooling import X") == Paths{"torch/nn/modules/pooling.py"});
  CHECK(imported(path, "from .. import functional as F") == Paths{"torch/nn/functional.py"});
  CHECK(imported(path, "from ... import fft") == Paths{"torch/fft/__init__.py"});
  CHECK(imported(path, "from . import *") == Paths{"torch/nn/modules/__init__.py"});
  CHECK(imported(path, "from ..... import x").empty());
}

TEST_CASE("tests first import modules beside them") {
  CHECK(imported("test/nn/test_a.py", "import common") == Paths{"test/nn/common.py"});
  CHECK(imported("test/jit/test_a.py", "import common") == Paths{"test/common.py"});
  CHECK(imported("test/test_a.py", "import jit.fixtures") == Paths{"test/jit/fixtures.py"});
}

TEST_CASE("modules that a test's functions name through an import count as imported") {
  CHECK(imported("test/test_a.py", "import torch\ndef test_a(): torch.fft.rfft(1)\n") ==
        Paths{"torch/__init__.py", "torch/fft/__init__.py"});
  CHECK(imported("test/test_a.py", "from torch import nn\nclass T:\n  def test_a(self): nn.functional.relu(1)\n") ==
        Paths{"torch/nn/__init__.py", "torch/nn/functional.py"});
  CHECK(imported("test/test_a.py", "def test_a(torch): torch.fft.rfft(1)\n").empty());
}

TEST_CASE("the graph knows which files reach a file, and on which path") {
  const ImportGraph graph = graph_of({{"torch/__init__.py", "from . import nn"},
                                      {"torch/nn/__init__.py", "from .modules import *"},
                                      {"torch/nn/modules/__init__.py", "from .pooling import MaxPool2d"},
                                      {"torch/nn/modules/pooling.py", "import torch"},
                                      {"test/test_far.py", "import torch"},
                                      {"test/test_near.py", "import torch\nfrom torch.nn.modules import pooling"},
                                      {"test/test_not.py", "import os"}});
  const ImportGraph::Reach reach = graph.reach("torch/nn/modules/pooling.py");
  const auto distance = [&](std::string_view path) { return reach.distance[*graph.index(path)]; };
  CHECK(distance("torch/nn/modules/pooling.py") == 0);
  CHECK(distance("test/test_near.py") == 1);
  CHECK(distance("test/test_far.py") == 4);
  CHECK(distance("test/test_not.py") == ImportGraph::unreached);
  CHECK(graph.way(*graph.index("test/test_far.py"), reach) ==
        "test/test_far.py → torch/__init__.py → torch/nn/__init__.py → torch/nn/modules/__init__.py → "
        "torch/nn/modules/pooling.py");
  const ImportGraph::Reach nobody = graph.reach("torch/absent.py");
  CHECK(std::count(nobody.distance.begin(), nobody.distance.end(), ImportGraph::unreached) ==
        static_cast<std::ptrdiff_t>(graph.size()));
}

TEST_CASE("a file that is not valid Python imports nothing, and the others are read") {
  const ImportGraph graph = graph_of({{"torch/__init__.py", "def ("},
                                      {"torch/a.py", ""},
                                      {"test/test_a.py", "import torch.a\ndef test_x(): pass"},
                                      {"test/test_b.py", "import torch.a\ndef ("}});
  CHECK(graph.imports_of("torch/__init__.py").empty());
  CHECK(graph.imports_of("test/test_a.py") == Paths{"torch/a.py"});
  CHECK(graph.imports_of("test/test_b.py").empty());
}
