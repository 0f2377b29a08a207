// SPDX-License-Identifier: Apache-2.0
// Files that are not a history.
#include "agent/core/files.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/schema.hpp"
#include "agent/history/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;

namespace {

struct Place {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  std::filesystem::path file = directory.path() / "history.sqlite";
  std::string url = "sqlite://" + file.string();
};

void run_sql(const std::string& url, const std::string& sql) {
  database::Connection connection = database::Connection::open(url, owner).value();
  REQUIRE(connection.run(sql));
}

}  // namespace

TEST_CASE("an invalid URL is refused") {
  for (const char* url : {"", "history.sqlite", "/tmp/history.sqlite", "sqlite://", "sqlite:///", "sqlite://relative",
                          "mysql://host/x"}) {
    CAPTURE(url);
    const auto store = Store::open(url);
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == ErrorKind::usage);
    CHECK_FALSE(store.error().hint.empty());
  }
}

TEST_CASE("a file that is not a database is refused and unchanged") {
  const Place place;
  const std::string text = "<html>this is not a database, and it is long enough to be looked at as one</html>";
  REQUIRE(write_file(place.file, text));
  const auto store = Store::open(place.url);
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == ErrorKind::invalid);
  CHECK(store.error().message.find(place.file.string()) != std::string::npos);
  CHECK(read_file(place.file) == text);
}

TEST_CASE("a database of another program is refused and unchanged") {
  const Place place;
  REQUIRE(Store::open(place.url));
  run_sql(place.url, "PRAGMA application_id = 7");
  Result<Store> store = Store::open(place.url);
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == ErrorKind::invalid);
  CHECK(store.error().message.find("another application") != std::string::npos);
}

TEST_CASE("a newer schema is refused and unchanged") {
  const Place place;
  REQUIRE(Store::open(place.url));
  run_sql(place.url, fmt::format("PRAGMA user_version = {}", newest_schema_version() + 1));
  const auto store = Store::open(place.url);
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == ErrorKind::invalid);
  CHECK(store.error().message.find(fmt::format("schema version {}", newest_schema_version() + 1)) != std::string::npos);
  CHECK(database::Connection::open(place.url, owner)->schema_version() == newest_schema_version() + 1);
}

TEST_CASE("an empty file is turned into a history") {
  const Place place;
  REQUIRE(write_file(place.file, ""));
  REQUIRE(Store::open(place.url));
  CHECK(database::Connection::open(place.url, owner)->schema_version() == newest_schema_version());
}

TEST_CASE("a directory that cannot be created is reported") {
  const Place place;
  REQUIRE(write_file(place.file, ""));
  const auto store = Store::open(place.url + "/inside/history.sqlite");
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find(place.file.string()) != std::string::npos);
}

TEST_CASE("a truncated history is reported as damaged") {
  const Place place;
  {
    Store store = Store::open(place.url).value();
    for (int day = 1; day < 5; ++day) REQUIRE(store.import(a_run(day, x_cases(500, 1.0))));
  }
  std::filesystem::resize_file(place.file, std::filesystem::file_size(place.file) / 2);
  auto store = Store::open(place.url);
  const auto known = store ? store->durations() : tl::make_unexpected(store.error());
  REQUIRE_FALSE(known);
  CHECK(known.error().kind == ErrorKind::invalid);
}
