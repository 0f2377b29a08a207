// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/plan/selections.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

Result<Plan> read_back(const nlohmann::json& document) {
  const auto directory = TemporaryDirectory::create();
  const auto path = directory->path() / "plan.json";
  REQUIRE(write_file(path, dump_json_pretty(document)));
  auto plan = read_plan(path);
  if (!plan) {
    std::string& message = plan.error().message;
    message.replace(message.find(path.string()), path.string().size(), "plan.json");
  }
  return plan;
}

Batch batch(std::string id, const std::string& file, const std::vector<std::string>& units, int piece = 0,
            int pieces = 1) {
  Batch out;
  out.id = std::move(id);
  out.file = file;
  out.units.assign(units.begin(), units.end());
  out.estimate_s = 4.5;
  out.import_s = 3;
  out.piece = piece;
  out.pieces = pieces;
  return out;
}

Plan small_plan() {
  Plan plan;
  plan.revision = "abc";
  plan.stage = "1";
  plan.cards = 2;
  plan.batches = {batch("b0001", "test/a.py", {"test/a.py::T::x", "test/a.py::T::y"}),
                  batch("b0002", "test/b.py", {"test/b.py::z"}, 0, 2),
                  batch("b0003", "test/b.py", {"test/b.py::z"}, 1, 2)};
  plan.shards = {{0, 1, {"b0001"}, 4.5}, {1, 1, {"b0002", "b0003"}, 6}};
  plan.makespan_s = 6;
  plan.lower_bound_s = 5.25;
  plan.omitted = {"test/c.py::w"};
  return plan;
}

}  // namespace

TEST_CASE("a plan is read as it was written") {
  const nlohmann::json document = to_json(small_plan());
  CHECK(schema_violations(document, "plan").empty());
  const auto plan = read_back(document);
  REQUIRE(plan);
  CHECK(to_json(*plan) == document);
  CHECK(plan->batches[2].piece == 1);
  CHECK(plan->batches[2].pieces == 2);
  CHECK(plan->omitted == std::vector<std::string>{"test/c.py::w"});
}

TEST_CASE("the planner's plan can be read, and matches the schema") {
  const auto plan = make_plan(regular_selection(7, 50), {}, {.cards = 3, .budget = Seconds{60}});
  REQUIRE(plan);
  const nlohmann::json document = to_json(*plan);
  CHECK(schema_violations(document, "plan").empty());
  const auto read = read_back(document);
  REQUIRE(read);
  CHECK(dump_json(to_json(*read)) == dump_json(document));
}

TEST_CASE("a plan contains its budget, if it has one") {
  Plan plan = small_plan();
  CHECK_FALSE(to_json(plan).contains("budget_s"));
  plan.budget_s = 600;
  CHECK(schema_violations(to_json(plan), "plan").empty());
  CHECK(read_back(to_json(plan))->budget_s == 600);
  nlohmann::json wrong = to_json(plan);
  wrong["budget_s"] = -1;
  CHECK_FALSE(read_back(wrong));
}

TEST_CASE("fields of a newer program are ignored") {
  nlohmann::json document = to_json(small_plan());
  document["colour"] = "blue";
  document["batches"][0]["colour"] = "blue";
  CHECK(read_back(document));
}

TEST_CASE("a plan that would lose or duplicate a test, or is inconsistent, is refused with the place") {
  using Json = nlohmann::json;
  struct Mistake {
    std::string message;
    std::function<void(Json&)> make;
  };
  const std::vector<Mistake> mistakes{
      {"plan.json: \"cards\" is missing", [](Json& d) { d.erase("cards"); }},
      {"plan.json: cards: expected a whole number from 1 to 65536, found 0", [](Json& d) { d["cards"] = 0; }},
      {"plan.json: cards: expected a whole number from 1 to 65536, found 2.5", [](Json& d) { d["cards"] = 2.5; }},
      {"plan.json: cards: expected a whole number from 1 to 65536, found 18446744073709551615",
       [](Json& d) { d["cards"] = 18446744073709551615U; }},
      {"plan.json: revision: expected a string, found null", [](Json& d) { d["revision"] = nullptr; }},
      {"plan.json: batches: expected a list, found {}", [](Json& d) { d["batches"] = Json::object(); }},
      {"plan.json: batches[1]: expected an object, found 7", [](Json& d) { d["batches"][1] = 7; }},
      {"plan.json: batches[1]: \"file\" is missing", [](Json& d) { d["batches"][1].erase("file"); }},
      {"plan.json: batches[0].id: expected a name, found an empty string", [](Json& d) { d["batches"][0]["id"] = ""; }},
      {"plan.json: batches[1]: the id b0001 is taken by another batch",
       [](Json& d) { d["batches"][1]["id"] = "b0001"; }},
      {"plan.json: batches[0].file: expected a path beneath the source tree",
       [](Json& d) { d["batches"][0]["file"] = "test/../../etc/passwd"; }},
      {"plan.json: batches[0].file: expected a path beneath the source tree",
       [](Json& d) { d["batches"][0]["file"] = "/etc/passwd"; }},
      {"plan.json: batches[0].tests: a batch needs at least one test",
       [](Json& d) { d["batches"][0]["tests"] = Json::array(); }},
      {"plan.json: batches[0].tests[1]: this test is not of the file test/a.py",
       [](Json& d) { d["batches"][0]["tests"][1] = "test/b.py::z"; }},
      {"plan.json: batches[0]: test/a.py::T::x is in another batch already",
       [](Json& d) { d["batches"][0]["tests"][1] = "test/a.py::T::x"; }},
      {"plan.json: batches[2]: test/b.py::z is in another batch already",
       [](Json& d) { d["batches"][2]["piece"] = 0; }},
      {"plan.json: batches[2]: test/b.py::z is in another batch already",
       [](Json& d) { d["batches"][2]["pieces"] = 3; }},
      {"plan.json: batches: 1 of the 3 pieces of test/b.py::z are in no batch",
       [](Json& d) { d["batches"][1]["pieces"] = d["batches"][2]["pieces"] = 3; }},
      {"plan.json: batches[1].piece: expected a whole number from 0 to 1, found 2",
       [](Json& d) { d["batches"][1]["piece"] = 2; }},
      {"plan.json: batches[1].pieces: expected a whole number from 1 to 4096, found 5000",
       [](Json& d) { d["batches"][1]["pieces"] = 5000; }},
      {"plan.json: batches[0].cards: expected a whole number from 1 to 2, found 3",
       [](Json& d) { d["batches"][0]["cards"] = 3; }},
      {"plan.json: batches[0].estimate_s: expected seconds (a number from 0 to 3.2e+08), found -1",
       [](Json& d) { d["batches"][0]["estimate_s"] = -1; }},
      {"plan.json: batches[0]: import_s is a part of estimate_s, but larger",
       [](Json& d) { d["batches"][0]["import_s"] = 5; }},
      {"plan.json: shards[1].index: expected 1", [](Json& d) { d["shards"][1]["index"] = 0; }},
      {"plan.json: shards[1].cards: expected a whole number from 1 to 2, found 3",
       [](Json& d) { d["shards"][1]["cards"] = 3; }},
      {"plan.json: shards[0]: batch b0001 needs more cards than the shard has",
       [](Json& d) { d["batches"][0]["cards"] = 2; }},
      {"plan.json: shards[0]: there is no batch b9", [](Json& d) { d["shards"][0]["batches"].push_back("b9"); }},
      {"plan.json: shards[1]: batch b0001 is in a shard already",
       [](Json& d) { d["shards"][1]["batches"].push_back("b0001"); }},
      {"plan.json: shards: batch b0003 is in no shard and would not run",
       [](Json& d) { d["shards"][1]["batches"].erase(1); }},
      {"plan.json: shards: they need 2 cards, more than the 1", [](Json& d) { d["cards"] = 1; }},
      {"plan.json: makespan_s: expected seconds (a number from 0 to 3.2e+08), found \"6\"",
       [](Json& d) { d["makespan_s"] = "6"; }},
      {"plan.json: omitted: test/a.py::T::x is named twice, or is in a batch too",
       [](Json& d) { d["omitted"].push_back("test/a.py::T::x"); }},
  };
  for (const Mistake& mistake : mistakes) {
    Json document = to_json(small_plan());
    mistake.make(document);
    CAPTURE(mistake.message);
    const auto plan = read_back(document);
    REQUIRE(!plan);
    CHECK(plan.error().kind == ErrorKind::invalid);
    CHECK(plan.error().message == mistake.message);
  }
}

TEST_CASE("a document that is not a plan is refused") {
  const auto plan = read_back({{"schema", "spyre-ci/selection@1"}});
  REQUIRE(!plan);
  CHECK(plan.error().kind == ErrorKind::invalid);
}

TEST_CASE("every case of a unit belongs to exactly one of its pieces") {
  for (int i = 0; i < 100; ++i) {
    const std::string id = "test/b.py::T::test_z_" + std::to_string(i);
    int taken = 0;
    for (int piece = 0; piece < 7; ++piece) taken += takes(batch("b", "test/b.py", {"test/b.py::z"}, piece, 7), id);
    CHECK(taken == 1);
    CHECK(takes(batch("b", "test/b.py", {"test/b.py::z"}), id));
  }
}

TEST_CASE("a case stays in its piece, because other versions of the program may run shards of a plan") {
  const std::vector<int> pieces{5, 3, 6, 1, 3, 0, 3, 6, 2, 0};  // XXH3_64bits modulo 7
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    CHECK(takes(batch("b", "test/b.py", {"test/b.py::z"}, pieces[i], 7), "test/b.py::T::test_z_" + std::to_string(i)));
  }
}
