// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/recorder.hpp"

#include <csignal>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
using results::Outcome;

namespace {

struct Desk {
  TemporaryDirectory directory = TemporaryDirectory::create("spyre-ci-desk-").value();
  ManualClock clock;
  Observer observer;
  Recorder recorder = make();

  Recorder make() {
    std::vector<plan::Batch> batches(2);
    batches[0].id = "b1";
    batches[0].file = "f.py";
    batches[0].units = {"f.py::u"};
    batches[0].estimate_s = 30;
    batches[1].id = "b2";
    batches[1].file = "g.py";
    batches[1].units = {"g.py::u"};
    batches[1].estimate_s = 10;
    return {results::Journal::open(directory.path()).value(), junit::Directory::open(directory.path(), false).value(),
            batches, clock, observer};
  }
  void collect(const std::string& batch, const std::vector<std::string>& ids) {
    note::BatchCollected note{batch, 1.23456, {}};
    for (const std::string& id : ids) note.cases.push_back({0, id, "u", id == "made"});
    REQUIRE(recorder.write(note).has_value());
  }
  void finish(const std::string& batch, const std::string& id, Outcome outcome) {
    REQUIRE(recorder.write(note::CaseFinished{batch, id, "u", {outcome, 0.5, "", "", "", 3}}).has_value());
  }
  // The existing JUnit documents with their texts.
  std::map<std::string, std::string> documents() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "junit")) {
      found[entry.path().filename().string()] = read_file(entry.path()).value();
    }
    return found;
  }
  std::vector<nlohmann::json> events() const {
    std::istringstream lines(read_file(directory.path() / "journal.jsonl").value());
    std::vector<nlohmann::json> result;
    for (std::string line; std::getline(lines, line);) result.push_back(nlohmann::json::parse(line));
    return result;
  }
};

}  // namespace

TEST_CASE("events are written with their time, and empty texts are left out") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "abc", "1", 2}).has_value());
  desk.clock.advance(Seconds{2.0004});
  REQUIRE(desk.recorder.write(note::BatchStarted{"b1", {3, 5}}).has_value());
  desk.collect("b1", {"a", "made"});
  desk.finish("b1", "a", Outcome::passed);
  const auto events = desk.events();
  REQUIRE(events.size() == 4);
  CHECK(events[0]["batches"].size() == 2);
  CHECK(events[1] == nlohmann::json({{"event", "batch_started"}, {"batch", "b1"}, {"cards", {3, 5}}, {"t", 2.0}}));
  CHECK(events[2]["import_s"] == 1.235);
  CHECK_FALSE(events[2]["cases"][0].contains("generated"));
  CHECK(events[2]["cases"][1]["generated"] == true);
  CHECK(events[3] == nlohmann::json({{"event", "case_finished"},
                                     {"batch", "b1"},
                                     {"id", "a"},
                                     {"unit", "u"},
                                     {"outcome", "passed"},
                                     {"duration_s", 0.5},
                                     {"card", 3},
                                     {"t", 2.0}}));
}

TEST_CASE("only a few of many warnings are written, and the rest is counted") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "abc", "1", 2}).has_value());
  const std::string flood(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 100'000; ++i) {
    REQUIRE(desk.recorder.write(note::Warning{"said " + std::to_string(i), "workers"}).has_value());
  }
  for (int i = 0; i < 10; ++i) REQUIRE(desk.recorder.write(note::Warning{flood + std::to_string(i)}).has_value());
  REQUIRE(desk.recorder.write(note::Infra{flood}).has_value());
  REQUIRE(desk.recorder.write(note::CardCordoned{1, Seconds{60}, flood}).has_value());
  const auto record = desk.recorder.end(0);
  REQUIRE(record);
  CHECK(std::filesystem::file_size(desk.directory.path() / "journal.jsonl") < 50'000);
  const auto& warnings = record->warnings;
  CHECK(warnings.size() < 12);
  CHECK(warnings.front() == "said 0");
  CHECK(std::ranges::count(warnings, "99997 more like: said 0") == 1);
}

TEST_CASE("progress counts each case once, by its last attempt") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.collect("b1", {"a", "b", "c"});
  desk.finish("b1", "a", Outcome::failed);
  desk.finish("b1", "b", Outcome::crashed);
  CHECK(desk.recorder.progress().failures() == 2);
  desk.finish("b1", "a", Outcome::passed);
  const Progress progress = desk.recorder.progress();
  CHECK(progress.cases == 3);
  CHECK(progress.cases_finished == 2);
  CHECK(progress.count(Outcome::passed) == 1);
  CHECK(progress.failures() == 1);
}

TEST_CASE("a file that could not be collected counts as a case that was not announced") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.finish("b1", "f.py", Outcome::error);
  // Another batch of the file: it has been reported.
  desk.finish("b2", "f.py", Outcome::not_run);
  const Progress progress = desk.recorder.progress();
  CHECK(progress.cases == 1);
  CHECK(progress.count(Outcome::error) == 1);
  CHECK(progress.count(Outcome::not_run) == 0);
}

TEST_CASE("the time left is the rest at the speed so far") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  CHECK_FALSE(desk.recorder.progress().left.has_value());
  desk.collect("b1", {"a", "b", "c"});
  desk.clock.advance(Seconds{20});
  desk.finish("b1", "a", Outcome::passed);  // 10 of 40 estimated seconds, in 20
  REQUIRE(desk.recorder.progress().left.has_value());
  CHECK(desk.recorder.progress().left->count() == Approx(60));
  REQUIRE(desk.recorder.write(note::BatchFinished{"b1"}).has_value());
  CHECK(desk.recorder.progress().left->count() == Approx(20.0 * 10 / 30));
  REQUIRE(desk.recorder.write(note::BatchFinished{"b2"}).has_value());
  CHECK(desk.recorder.progress().left->count() == Approx(0).margin(1e-9));
  CHECK(desk.recorder.progress().batches_finished == 2);
}

TEST_CASE("a resumed run continues with the earlier time and counts") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.collect("b1", {"a", "b"});
  desk.clock.advance(Seconds{7});
  desk.finish("b1", "a", Outcome::failed);
  results::RecordBuilder before;
  REQUIRE(
      results::read_events(desk.directory.path(), [&](const auto& event) { return before.fold(event); }).has_value());

  Recorder second = desk.make();
  desk.clock.advance(Seconds{1});
  REQUIRE(second.resume(std::move(before), "").has_value());
  CHECK(desk.events().back()["t"] == 8.0);
  CHECK(second.progress().cases_finished == 1);
  CHECK(second.progress().failures() == 1);
  REQUIRE(second.write(note::BatchCollected{"b1", 1, {{0, "a", "u", false}, {1, "b", "u", false}}}).has_value());
  REQUIRE(second.write(note::CaseFinished{"b1", "b", "u", {Outcome::passed, 1, "", "", "", 0}}).has_value());
  CHECK(second.progress().cases == 2);
  CHECK(second.progress().cases_finished == 2);
  const auto record = second.end(0);
  REQUIRE(record);
  CHECK(results::summary(*record) == results::summary(*results::read_record(desk.directory.path())));
}

TEST_CASE("JUnit documents of a test file are written at its last result, and the rest at the end") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.collect("b1", {"f.py::a", "f.py::b"});
  desk.finish("b1", "f.py::a", Outcome::passed);
  desk.finish("b1", "f.py::b", Outcome::failed);
  CHECK(desk.documents().empty());
  REQUIRE(desk.recorder.write(note::BatchFinished{"b1"}).has_value());
  REQUIRE(desk.documents().size() == 1);
  CHECK(desk.documents().at("shard-3-f.xml").find("tests=\"2\" failures=\"1\"") != std::string::npos);

  // A mark that a second write would remove.
  REQUIRE(write_file(desk.directory.path() / "junit/shard-3-f.xml", "settled").has_value());
  desk.collect("b2", {"g.py::c", "g.py::d"});
  desk.finish("b2", "g.py::c", Outcome::passed);
  REQUIRE(desk.recorder.end(SIGTERM).has_value());
  const auto documents = desk.documents();
  REQUIRE(documents.size() == 3);
  CHECK(documents.at("shard-3-f.xml") == "settled");
  CHECK(documents.at("shard-3-g.xml").find("g.py::c") == std::string::npos);  // identified by classname and name
  CHECK(documents.at("shard-3-g.xml").find("name=\"c\"") != std::string::npos);
  CHECK(documents.at("shard-none-g.xml").find("the run was interrupted by SIGTERM") != std::string::npos);
}

TEST_CASE("a result that arrives after its test file was written is added to the JUnit document") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.collect("b1", {"f.py::a"});
  desk.finish("b1", "f.py::a", Outcome::failed);
  REQUIRE(desk.recorder.write(note::BatchFinished{"b1"}).has_value());
  desk.finish("b1", "f.py::a", Outcome::passed);
  REQUIRE(desk.recorder.end(0).has_value());
  CHECK(desk.documents().at("shard-3-f.xml").find("failures=\"0\"") != std::string::npos);
}

TEST_CASE("the units of a batch without cases are in the JUnit documents, too") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  REQUIRE(desk.recorder.write(note::BatchNotRun{"b1", {}, "no time"}).has_value());
  REQUIRE(desk.recorder.write(note::BatchFinished{"b1"}).has_value());
  REQUIRE(desk.recorder.end(0).has_value());
  CHECK(desk.documents().at("shard-none-f.xml").find("no time") != std::string::npos);
}

TEST_CASE("a resumed run writes the missing JUnit documents, and contains no case twice") {
  Desk desk;
  REQUIRE(desk.recorder.begin({"run", "", "1", 2}).has_value());
  desk.collect("b1", {"f.py::a"});
  desk.finish("b1", "f.py::a", Outcome::passed);
  REQUIRE(desk.recorder.write(note::BatchFinished{"b1"}).has_value());
  std::filesystem::remove(desk.directory.path() / "junit/shard-3-f.xml");
  REQUIRE(desk.recorder.end(SIGTERM).has_value());
  CHECK(desk.documents().contains("shard-none-g.xml"));
  results::RecordBuilder before;
  REQUIRE(
      results::read_events(desk.directory.path(), [&](const auto& event) { return before.fold(event); }).has_value());
  std::filesystem::remove(desk.directory.path() / "junit/shard-3-f.xml");

  Recorder second = desk.make();
  REQUIRE(second.resume(std::move(before), "").has_value());
  CHECK(desk.documents().contains("shard-3-f.xml"));
  REQUIRE(second.write(note::BatchCollected{"b2", 1, {{0, "g.py::u", "g.py::u", false}}}).has_value());
  REQUIRE(
      second.write(note::CaseFinished{"b2", "g.py::u", "g.py::u", {Outcome::passed, 1, "", "", "", 0}}).has_value());
  REQUIRE(second.write(note::BatchFinished{"b2"}).has_value());
  const auto documents = desk.documents();
  REQUIRE(documents.size() == 2);
  CHECK(documents.contains("shard-0-g.xml"));
}
