// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/python.hpp"

#include <filesystem>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
namespace fs = std::filesystem;

namespace {

const Environment agent{{"PATH", "/usr/bin:/bin"}, {"HOME", "/root"}};

Config::Python with(const std::string& executable, std::vector<std::string> preload = {}) {
  Config::Python python;
  python.executable = executable;
  python.preload = std::move(preload);
  return python;
}

// A program that prints this text.
std::string script(const TemporaryDirectory& directory, const std::string& text) {
  const fs::path path = directory.path() / "python3";
  REQUIRE(write_file(path, "#!/bin/sh\n" + text).has_value());
  fs::permissions(path, fs::perms::owner_all);
  return path.string();
}

}  // namespace

TEST_CASE("a Python that can run tests reports its versions") {
  const auto versions = check_python({}, with("python3", {"json.tool", "json"}), agent);
  REQUIRE(versions.has_value());
  CHECK(versions->executable == "/usr/bin/python3");
  CHECK(versions->python.starts_with("3."));
  CHECK(versions->pytest.find('.') != std::string::npos);
  CHECK(versions->torch.empty());
}

TEST_CASE("torch reports its version, and the commit that it was built from if it is known") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const fs::path torch = directory->path() / "torch";
  fs::create_directory(torch);
  REQUIRE(write_file(torch / "testing.py", "").has_value());
  Config::Python python = with("python3", {"torch.testing"});
  python.path = {directory->path().string()};
  const auto versions_of = [&](const std::string& text) {
    REQUIRE(write_file(torch / "__init__.py", text).has_value());
    auto versions = check_python({}, python, agent);
    REQUIRE(versions.has_value());
    return *versions;
  };
  const std::string commit = "0123456789abcdef0123456789ABCDEF01234567";
  PythonVersions versions = versions_of("__version__ = '2.6.0+x'\nclass version: git_version = '" + commit + "'\n");
  CHECK(versions.torch == "2.6.0+x");
  CHECK(versions.torch_revision == "0123456789abcdef0123456789abcdef01234567");
  for (const char* text : {"__version__ = '2.6.0+xx'\nclass version: git_version = 'Unknown'\n",
                           "__version__ = '2.6.0+xxx'\nversion = '2.6.0'\n"}) {
    versions = versions_of(text);
    CHECK(versions.torch.starts_with("2.6.0"));
    CHECK(versions.torch_revision.empty());
  }
}

TEST_CASE("a missing module is an infrastructure error that names the module and its importer") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  Config::Python python = with("python3", {"no_such_package.part"});
  auto versions = check_python({}, python, agent);
  REQUIRE_FALSE(versions.has_value());
  CHECK(versions.error().kind == ErrorKind::infra);
  CHECK(versions.error().message == "/usr/bin/python3 has no module no_such_package, which python.preload names");

  python = with("python3", {"json", "utilities.common"});
  python.path = {directory->path().string()};
  fs::create_directory(directory->path() / "utilities");
  REQUIRE(write_file(directory->path() / "utilities/common.py", "import no_such_tool.inner\n").has_value());
  versions = check_python({}, python, agent);
  REQUIRE_FALSE(versions.has_value());
  CHECK(versions.error().message == "/usr/bin/python3 has no module no_such_tool, which utilities.common imports");
  CHECK(versions.error().hint.starts_with("install no_such_tool for that interpreter"));
}

TEST_CASE("modules are imported without the backend that PyTorch loads by itself") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  Config::Python python = with("python3", {"loads_a_backend"});
  python.path = {directory->path().string()};
  REQUIRE(write_file(directory->path() / "loads_a_backend.py",
                     "import os\nassert os.environ['TORCH_DEVICE_BACKEND_AUTOLOAD'] == '0'\n")
              .has_value());
  CHECK(check_python({}, python, agent).has_value());
}

TEST_CASE("an invalid interpreter is a configuration error") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const std::string strange = script(*directory, "echo hello\n");
  for (const std::string& name :
       {std::string("/no/such/python"), std::string("no-such-python"), std::string("/bin/true"), strange}) {
    INFO(name);
    const auto versions = check_python({}, with(name), agent);
    REQUIRE_FALSE(versions.has_value());
    CHECK(versions.error().kind == ErrorKind::config);
    CHECK(versions.error().hint.find("python.executable") != std::string::npos);
  }
}

TEST_CASE("a Python without pytest, or one that is too old, is a configuration error") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  auto versions = check_python(
      {}, with(script(*directory, "echo python 3.9.1; echo \"No module named 'pytest'\" >&2; exit 4\n")), agent);
  REQUIRE_FALSE(versions.has_value());
  CHECK(versions.error().kind == ErrorKind::config);
  CHECK(versions.error().message.find("has no pytest: No module named 'pytest'") != std::string::npos);
  versions = check_python({}, with(script(*directory, "echo python 3.6.9; exit 6\n")), agent);
  REQUIRE_FALSE(versions.has_value());
  CHECK(versions.error().kind == ErrorKind::config);
  CHECK(versions.error().message.find("3.6.9") != std::string::npos);
}

TEST_CASE("an import that never ends is stopped") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const auto versions =
      check_python({}, with(script(*directory, "echo python 3.11.0; exec sleep 1000\n")), agent, Seconds{0.3});
  REQUIRE_FALSE(versions.has_value());
  CHECK(versions.error().kind == ErrorKind::infra);
}
