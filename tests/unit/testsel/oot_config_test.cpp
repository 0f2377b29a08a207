// SPDX-License-Identifier: Apache-2.0
#include "testsel/oot_config.hpp"

#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/oot_document.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Strings = std::vector<std::string>;

namespace {

const char* const tests =
    "class TestA(TestCase):\n"
    "  def test_add(self): pass\n"
    "  def test_add_scalar(self): pass\n"
    "  def test_crash(self): pass\n"
    "class TestB(TestCase):\n"
    "  def test_add(self): pass\n"
    "  def test_mul(self): pass\n";

Inventory inventory() {
  return inventory_of({{"test/test_a.py", tests}, {"test/nn/test_b.py", tests}});
}

// `files` is the list under `files:`.
OotConfig config_of(const Strings& documents, const std::string& root = "") {
  OotConfig config;
  for (const std::string& text : documents) {
    const auto added = config.add("test_suite_config:\n  files:\n" + text, "c.yaml", root);
    if (!added) FAIL(added.error().message);
  }
  return config;
}

std::string config_error(const std::string& text) {
  OotConfig config;
  const auto added = config.add(text, "c.yaml", "");
  return added ? "no error" : added.error().message;
}

OotFindings found(const OotConfig& config) {
  auto findings = match(config, inventory());
  if (!findings) FAIL(findings.error().message);
  return std::move(*findings);
}

// "xfail [a b]".
std::string said(const OotFindings& findings, const std::string& id) {
  const auto it = findings.expectations.find(id);
  if (it == findings.expectations.end()) return "nothing";
  std::string text(name(it->second.mode));
  for (const std::string& tag : it->second.tags) text += " " + tag;
  return text;
}

}  // namespace

TEST_CASE("every mode is read, and the mode of unlisted tests") {
  const OotFindings findings = found(config_of({
      "    - path: ${TORCH_ROOT}/test/test_a.py\n"
      "      unlisted_test_mode: xfail_strict\n"
      "      tests:\n"
      "        - {names: ['TestA::test_add'], tags: [model_2, model_1]}\n"
      "        - {names: ['TestA::test_crash'], mode: skip}\n"
      "        - {names: ['TestB::test_mul'], mode: xfail, edits: {ops: {}}}\n",
  }));
  CHECK(said(findings, "test/test_a.py::TestA::test_add") == "mandatory_success model_1 model_2");
  CHECK(said(findings, "test/test_a.py::TestA::test_crash") == "skip");
  CHECK(said(findings, "test/test_a.py::TestB::test_mul") == "xfail");
  CHECK(said(findings, "test/test_a.py::TestB::test_add") == "xfail_strict");
  CHECK(said(findings, "test/nn/test_b.py::TestB::test_add") == "nothing");
  CHECK(findings.demanded == Strings{"test/test_a.py::TestA::test_add", "test/test_a.py::TestB::test_mul"});
  CHECK(findings.not_covered.empty());
  CHECK(findings.expectations.at("test/test_a.py::TestA::test_crash").reason == "c.yaml:7:20");
}

TEST_CASE("without unlisted_test_mode the others may fail, as in torch-spyre") {
  const OotFindings findings = found(config_of({"    - path: test/test_a.py\n"}));
  CHECK(said(findings, "test/test_a.py::TestA::test_add") == "xfail");
  CHECK(findings.demanded.empty());
}

TEST_CASE("names are exact, globs or regular expressions, for one class or for every class") {
  const OotFindings findings = found(config_of({
      "    - path: ${TORCH_ROOT}/test/**/*.py\n"
      "      unlisted_test_mode: skip\n"
      "      tests:\n"
      "        - {names: ['TestA::test_add*'], mode: xfail, tags: [glob]}\n"
      "        - {names: ['Test(A|B)::test_m.*'], mode: xfail_strict}\n"
      "        - {names: [test_add], mode: mandatory_success, tags: [exact]}\n",
  }));
  // The exact name decides, and the tags of both count.
  CHECK(said(findings, "test/test_a.py::TestA::test_add") == "mandatory_success exact glob");
  CHECK(said(findings, "test/nn/test_b.py::TestB::test_add") == "mandatory_success exact");
  CHECK(said(findings, "test/test_a.py::TestA::test_add_scalar") == "xfail glob");
  CHECK(said(findings, "test/test_a.py::TestB::test_mul") == "xfail_strict");
  CHECK(said(findings, "test/test_a.py::TestA::test_crash") == "skip");
}

TEST_CASE("entries of one file in several configurations are united") {
  const OotConfig config = config_of(
      {
          "    - path: ${TORCH_ROOT}/test/test_a.py\n      unlisted_test_mode: skip\n      tests:\n"
          "        - {names: ['TestA::test_add'], tags: [one]}\n",
          "    - path: /src/pytorch/test/test_a.py\n      tests:\n        - {names: ['TestA::test_add'], tags: "
          "[two]}\n",
      },
      "/src/pytorch");
  REQUIRE(config.files().size() == 1);
  const OotFindings findings = found(config);
  CHECK(said(findings, "test/test_a.py::TestA::test_add") == "mandatory_success one two");
  CHECK(said(findings, "test/test_a.py::TestB::test_mul") == "skip");
}

TEST_CASE("contradicting configurations are an error with both places") {
  OotConfig config = config_of({"    - {path: test/test_a.py, unlisted_test_mode: skip}\n"});
  const auto added =
      config.add("test_suite_config: {files: [{path: test/test_a.py, unlisted_test_mode: xfail}]}", "other.yaml", "");
  REQUIRE(!added);
  CHECK(added.error().kind == ErrorKind::config);
  CHECK(added.error().message ==
        "other.yaml:1:72: unlisted_test_mode of test/test_a.py is xfail here, and skip at c.yaml:3:50");
}

TEST_CASE("unknown tests and files are reported with the nearest") {
  const OotFindings findings = found(config_of({
      "    - path: test/test_a.py\n      tests:\n        - {names: ['TestA::test_ad']}\n"
      "    - path: test/test_aa.py\n",
  }));
  REQUIRE(findings.not_covered.size() == 2);
  CHECK(findings.not_covered[0] ==
        "c.yaml:5:20: test/test_a.py has no test 'TestA::test_ad'; did you mean 'TestA::test_add'?");
  CHECK(findings.not_covered[1].find("there is no test file 'test/test_aa.py'") != std::string::npos);
}

TEST_CASE("unknown keys and files cause a warning with their place, and lose no test") {
  const OotConfig config = config_of({
      "    - path: test/test_a.py\n      unlisted_tests: skip\n      tests:\n"
      "        - {names: ['TestA::test_add'], priority: 1}\n"
      "    - path: ${TORCH_DEVICE_ROOT}/tests/test_spyre.py\n"
      "    - path: ../outside.py\n",
  });
  REQUIRE(config.warnings().size() == 4);
  CHECK(config.warnings()[0].starts_with("c.yaml:4:7: unknown key 'unlisted_tests'"));
  CHECK(config.warnings()[1].starts_with("c.yaml:6:40: unknown key 'priority'"));
  CHECK(config.warnings()[2] ==
        "c.yaml:7:13: left out, a test of torch-spyre itself: "
        "${TORCH_DEVICE_ROOT}/tests/test_spyre.py");
  CHECK(config.warnings()[3].find("no path in PyTorch's tree") != std::string::npos);
  CHECK(said(found(config), "test/test_a.py::TestA::test_add") == "mandatory_success");
}

TEST_CASE("an invalid configuration is refused with its place") {
  CHECK(config_error("[]").starts_with("c.yaml:1:1: expected the key 'test_suite_config'"));
  CHECK(config_error("test_suite_config: {}").starts_with("c.yaml:1:20: expected a list of files"));
  CHECK(config_error("test_suite_config: {files: [{}]}").starts_with("c.yaml:1:29: a file needs the key 'path'"));
  CHECK(config_error("test_suite_config: {files: [{path: a, tests: [{}]}]}").find("needs the key 'names'") !=
        std::string::npos);
  CHECK(config_error("test_suite_config: {files: [{path: a, unlisted_test_mode: xfial}]}") ==
        "c.yaml:1:59: unknown mode 'xfial'; did you mean 'xfail'?");
  const auto broken = match(config_of({"    - {path: test/test_a.py, tests: [{names: ['test_(']}]}\n"}), inventory());
  REQUIRE(!broken);
  CHECK(broken.error().message.find("invalid regular expression") != std::string::npos);
}

TEST_CASE("directories are read in order, and an empty one is an error") {
  const auto directory = TemporaryDirectory::create().value();
  CHECK(!OotConfig::load({directory.path()}, ""));
  const std::string text = "test_suite_config: {files: [{path: test/test_a.py}]}";
  REQUIRE(write_file(directory.path() / "b.yaml", text));
  REQUIRE(write_file(directory.path() / "a.yml", text));
  REQUIRE(write_file(directory.path() / "readme.md", "no configuration"));
  const auto files = expand_oot_paths({directory.path()});
  REQUIRE(files);
  REQUIRE(files->size() == 2);
  CHECK(files->front().filename() == "a.yml");
  CHECK(OotConfig::load({directory.path()}, "").value().files().size() == 1);
}

TEST_CASE("the merged document contains all inputs, with the keys that only the plugin knows") {
  const auto directory = TemporaryDirectory::create().value();
  REQUIRE(write_file(directory.path() / "a.yaml",
                     "test_suite_config:\n  files:\n    - path: ${TORCH_ROOT}/test/test_a.py\n      tests:\n"
                     "        - {names: [x], edits: {ops: {exclude: [{name: gcd}]}}}\n"
                     "  global: {supported_ops: [{name: add, dtypes: [{name: float16, precision: {atol: 1e-3}}]}]}\n"));
  REQUIRE(write_file(directory.path() / "b.yaml",
                     "test_suite_config:\n  files:\n    - path: ${TORCH_ROOT}/test/test_a.py\n      tests:\n"
                     "        - {names: ['1'], mode: skip}\n"
                     "  global: {supported_ops: [{name: add, dtypes: [{name: int64}]}, {name: mul}]}\n"));
  const auto merged = merged_oot_document({directory.path()});
  REQUIRE(merged);
  const auto suite = nlohmann::json::parse(*merged)["test_suite_config"];
  REQUIRE(suite["files"].size() == 1);
  CHECK(suite["files"][0]["tests"].size() == 2);
  CHECK(suite["files"][0]["tests"][1]["names"][0] == "1");
  CHECK(suite["global"]["supported_ops"].size() == 2);
  CHECK(suite["global"]["supported_ops"][0]["dtypes"].size() == 2);
  CHECK(suite["global"]["supported_ops"][0]["dtypes"][0]["precision"]["atol"] == 0.001);

  REQUIRE(write_file(directory.path() / "c.yaml",
                     "test_suite_config: {global: {supported_ops: [{name: mul, force_xfail: true}]}}\n"));
  REQUIRE(write_file(directory.path() / "d.yaml",
                     "test_suite_config: {global: {supported_ops: [{name: mul, force_xfail: false}]}}\n"));
  const auto refused = merged_oot_document({directory.path()});
  REQUIRE(!refused);
  CHECK(refused.error().message.find("d.yaml: test_suite_config.global.supported_ops[name=mul].force_xfail is false") !=
        std::string::npos);
}
