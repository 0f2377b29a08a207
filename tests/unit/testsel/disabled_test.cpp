// SPDX-License-Identifier: Apache-2.0
#include "testsel/disabled.hpp"

#include "agent/core/files.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/quarantine.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

const std::string add = "test/test_a.py::TestA::test_add", add_out = "test/test_a.py::TestA::test_add_out";

Inventory inventory() {
  return inventory_of({{"test/test_a.py",
                        "class TestA(TestCase):\n  def test_add(self): pass\n  def test_add_out(self): pass\n"
                        "class TestOther(TestCase):\n  def test_add(self): pass\n"}});
}

struct Entry {
  std::string name, class_name;
  std::vector<std::string> platforms;
};

DisabledFindings found(const Entry& entry, const std::set<std::string>& reenabled = {}) {
  return match({{entry.name, entry.class_name, "77", "https://issue/77", entry.platforms}}, inventory(), {"linux"},
               reenabled);
}

bool is_skipped(const DisabledFindings& findings, const std::string& id) {
  const auto it = findings.expectations.find(id);
  return it != findings.expectations.end() && it->second.mode == Mode::skip;
}

// Days since 1970.
SystemTime day(int days) {
  return SystemTime{} + std::chrono::days{days};
}

}  // namespace

TEST_CASE("an entry disables the test that it names, in its class and in classes made from it") {
  const DisabledFindings findings = found({"test_add", "TestA", {}});
  CHECK(findings.expectations.size() == 1);
  CHECK(is_skipped(findings, add));
  CHECK(findings.expectations.at(add).reason == "disabled upstream: https://issue/77");
  CHECK(findings.cases.empty());
}

TEST_CASE("an entry that names a case disables only that case") {
  for (const char* name : {"test_add_spyre_float16", "test_add_out_cpu"}) {
    const DisabledFindings findings = found({name, "TestAPRIVATEUSE1", {}});
    CHECK(findings.expectations.empty());
    CHECK(findings.cases == std::vector<CaseNote>{{"TestAPRIVATEUSE1", name, "disabled upstream: https://issue/77"}});
    CHECK(findings.unknown.empty());
  }
  // The test of one device only.
  CHECK(found({"test_add", "TestAPRIVATEUSE1", {}}).cases.size() == 1);
}

TEST_CASE("an entry whose class inherits the test, or is made at run time, applies to cases of that name") {
  const DisabledFindings inherited = found({"test_add", "TestDerived", {}});
  CHECK(inherited.expectations.empty());
  CHECK(inherited.cases == std::vector<CaseNote>{{"TestDerived", "test_add", "disabled upstream: https://issue/77"}});
  CHECK(inherited.unknown.empty());
  const DisabledFindings made = found({"test_nowhere", "TestA", {}});
  CHECK(made.expectations.empty());
  CHECK(made.cases.size() == 1);
  CHECK(made.unknown == std::vector<std::string>{"test_nowhere (TestA)"});
}

TEST_CASE("entries of other platforms and of re-enabled issues do not count") {
  CHECK(found({"test_add", "TestA", {"mac", "rocm"}}).expectations.empty());
  CHECK(is_skipped(found({"test_add", "TestA", {"mac", "linux"}}), add));
  CHECK(found({"test_add", "TestA", {}}, {"77"}).expectations.empty());
  CHECK(found({"test_add", "TestDerived", {"mac"}}).cases.empty());
}

TEST_CASE("titles without a test's name are listed and ignored") {
  const auto directory = TemporaryDirectory::create().value();
  const auto path = directory.path() / "d.json";
  REQUIRE(write_file(path, R"json({"test_a (__main__.TestA) on ROCm": ["1", "u", []],
                                   "test_b  (__main__.TestB)": ["2", "u", []],
                                   "test_c(__main__.TestC)": ["3", "u", []], "": ["4", "u", []],
                                   "test_d ()": ["5", "u", []], "test_e TestE": ["6", "u", []]})json"));
  const auto read = read_disabled(path);
  REQUIRE(read);
  REQUIRE(read->tests.size() == 2);
  CHECK(read->tests[0].name == "test_a");
  CHECK(read->tests[0].class_name == "TestA");
  CHECK(read->tests[1].name == "test_b");
  CHECK(read->tests[1].class_name == "TestB");
  CHECK(read->odd.size() == 4);
}

TEST_CASE("upstream's lists are read, and an invalid entry is named") {
  const auto directory = TemporaryDirectory::create().value();
  const auto path = directory.path() / "d.json";
  REQUIRE(write_file(path, R"json({"test_add (__main__.TestA)": ["77", "https://issue/77", ["mac"]]})json"));
  const auto read = read_disabled(path);
  REQUIRE(read);
  REQUIRE(read->tests.size() == 1);
  CHECK(read->tests.front().name == "test_add");
  CHECK(read->tests.front().class_name == "TestA");
  CHECK(read->tests.front().platforms == std::vector<std::string>{"mac"});
  for (const char* text : {"[]", "{", R"json({"test_add": []})json", R"json({"test_add (A)": ["1", "u"]})json",
                           R"json({"test_add (A)": ["1", "u", [1]]})json"}) {
    CAPTURE(text);
    REQUIRE(write_file(path, text));
    const auto refused = read_disabled(path);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().message.starts_with(path.string()));
  }
}

TEST_CASE("the time of a slow test is the sum of its cases") {
  const auto directory = TemporaryDirectory::create().value();
  const auto path = directory.path() / "s.json";
  REQUIRE(write_file(path, R"json({"test_add_cpu_float32 (__main__.TestACPU)": 60,
                                   "test_add_cpu_int8 (__main__.TestACPU)": 5,
                                   "test_add_out (__main__.TestA)": 7.5,
                                   "test_x (__main__.TestX)": 1})json"));
  const auto slow = read_slow(path, inventory());
  REQUIRE(slow);
  CHECK(*slow == std::map<std::string, double>{{add, 65}, {add_out, 7.5}});
  REQUIRE(write_file(path, R"json({"test_add (A)": -1})json"));
  CHECK(!read_slow(path, inventory()));
}

TEST_CASE("the quarantine allows tests to fail until a day") {
  const std::string text =
      "quarantine:\n"
      "  - {test: 'test/test_a.py::TestA::*', owner: kim, issue: 'https://issue/1', expires: 2026-12-31}\n"
      "  - {test: 'test/test_a.py::TestA::test_ad', owner: kim, issue: 'https://issue/2', expires: 2026-12-31}\n";
  const int last_day = 20818;  // 2026-12-31
  const auto read = parse_quarantine(text, "q.yaml", day(last_day) + std::chrono::hours{23});
  REQUIRE(read);
  const QuarantineFindings findings = match(*read, inventory());
  CHECK(findings.expectations.size() == 2);
  CHECK(findings.expectations.at(add) ==
        Expectation{Mode::xfail, "quarantined until 2026-12-31 (kim): https://issue/1", {}});
  CHECK(findings.unknown ==
        std::vector<std::string>{
            "q.yaml:3:5: no test as written has the name 'test/test_a.py::TestA::test_ad': only cases "
            "with this name may fail; did you mean 'test/test_a.py::TestA::test_add'?"});
  CHECK(findings.cases == std::vector<CaseNote>{{"", "", "quarantined until 2026-12-31 (kim): https://issue/1",
                                                 "test/test_a.py::TestA::*", Mode::xfail},
                                                {"", "", "quarantined until 2026-12-31 (kim): https://issue/2",
                                                 "test/test_a.py::TestA::test_ad", Mode::xfail}});

  const auto over = parse_quarantine(text, "q.yaml", day(last_day + 1));
  REQUIRE(!over);
  CHECK(over.error().kind == ErrorKind::config);
  CHECK(over.error().message == "q.yaml:2:87: the quarantine of test/test_a.py::TestA::* expired on 2026-12-31");
}

TEST_CASE("entries of the quarantine without an owner, an issue or a day are refused") {
  const auto refusal = [](const std::string& entry) {
    const auto read = parse_quarantine("quarantine: [" + entry + "]", "q.yaml", day(0));
    return read ? "no error" : read.error().message;
  };
  CHECK(refusal("{test: a, owner: b, issue: c}") == "q.yaml:1:14: an entry needs the key 'expires'");
  CHECK(refusal("{test: a, issue: c, expires: 2026-01-01}") == "q.yaml:1:14: an entry needs the key 'owner'");
  CHECK(refusal("{test: a, owner: '', issue: c, expires: 2026-01-01}").find("'owner' is empty") != std::string::npos);
  for (const char* no_day : {"tomorrow", "2026-02-30", "2026-1-1", "26-01-01", "2026-13-01"}) {
    CHECK(refusal(std::string("{test: a, owner: b, issue: c, expires: '") + no_day + "'}").find("is not a date") !=
          std::string::npos);
  }
  CHECK(refusal("{test: a, owner: b, isue: c, expires: 2026-01-01}").find("isue") != std::string::npos);
  CHECK(parse_quarantine("quarantine:\n", "q.yaml", day(0)).value().empty());
}
