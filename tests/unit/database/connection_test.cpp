// SPDX-License-Identifier: Apache-2.0
// Statements, on each engine.
#include "agent/database/connection.hpp"

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/unit/database/place.hpp"

using namespace spyre;
using namespace spyre::database;

TEST_CASE("a change returns how many rows it changed") {
  const Place place;
  Connection connection = with_items(place);
  CHECK(connection.change("INSERT INTO items (name) VALUES ('a'), ('b'), ('c')") == 3);
  CHECK(connection.change("UPDATE items SET size = 1 WHERE name > ?", {std::string("a")}) == 2);
  CHECK(connection.change("DELETE FROM items WHERE name = 'nothing'") == 0);
  CHECK(connection.change("DELETE FROM items") == 3);
}

TEST_CASE("NULL is written and read as a missing value") {
  const Place place;
  Connection connection = with_items(place);
  const std::optional<std::int64_t> no_number;
  const std::optional<double> no_weight;
  const std::optional<std::string> no_text;
  REQUIRE(connection.run("INSERT INTO items (name, size, weight, note) VALUES (?, ?, ?, ?)",
                         {std::string("a"), no_number, no_weight, no_text}));
  REQUIRE(connection.run(
      "INSERT INTO items (name, size, weight, note) VALUES (?, ?, ?, ?)",
      {std::string("b"), std::optional<std::int64_t>(7), std::optional<double>(0.5), std::optional<std::string>("")}));
  std::vector<std::optional<std::int64_t>> sizes;
  std::vector<std::optional<double>> weights;
  std::vector<std::optional<std::string>> notes, names;
  REQUIRE(connection.read("SELECT size, weight, note, name FROM items ORDER BY name", {},
                          {&sizes, &weights, &notes, &names}));
  CHECK(sizes == std::vector<std::optional<std::int64_t>>{std::nullopt, 7});
  CHECK(weights == std::vector<std::optional<double>>{std::nullopt, 0.5});
  CHECK(notes == std::vector<std::optional<std::string>>{std::nullopt, ""});
  CHECK(names == std::vector<std::optional<std::string>>{"a", "b"});
  CHECK(connection.read_number("SELECT count(*) FROM items WHERE size IS NULL") == 1);
}

TEST_CASE("an INSERT returns generated values") {
  const Place place;
  Connection connection = with_items(place);
  const auto insert = [&](const std::string& name) {
    std::vector<std::int64_t> ids;
    REQUIRE(connection.read("INSERT INTO items (name) VALUES (?) ON CONFLICT (name) DO NOTHING RETURNING id", {name},
                            {&ids}));
    return ids;
  };
  const auto first = insert("a"), second = insert("b");
  REQUIRE(first.size() == 1);
  REQUIRE(second.size() == 1);
  CHECK(first != second);
  CHECK(insert("a").empty());
}

TEST_CASE("new ids are unique across connections") {
  const Place place;
  Connection connection = with_items(place);
  REQUIRE(connection.run("INSERT INTO items (name) VALUES ('there')"));
  const Transaction transaction = Transaction::begin(connection).value();
  const std::vector<std::int64_t> ids = connection.new_ids("items", 3).value();
  REQUIRE(ids.size() == 3);
  CHECK(connection.new_ids("items", 0)->empty());
  Bulk insert = Bulk::insert(connection, "items", {"id", "name"});
  for (const std::int64_t id : ids) REQUIRE(insert.add(id, fmt::format("new {}", id)));
  REQUIRE(insert.finish());
  CHECK(insert.written() == 3);
  REQUIRE(connection.run("INSERT INTO items (name) VALUES ('later')"));
  CHECK(connection.read_number("SELECT count(DISTINCT id) FROM items") == 5);
}

TEST_CASE("existing rows are left out, and the others counted") {
  const Place place;
  Connection connection = with_items(place);
  REQUIRE(connection.run("INSERT INTO items (name, size) VALUES ('a', 1)"));
  Bulk insert = Bulk::insert_new(connection, "items", {"name", "size"}, "name");
  for (const char* name : {"a", "b", "c"}) REQUIRE(insert.add(std::string_view(name), std::int64_t{2}));
  REQUIRE(insert.finish());
  CHECK(insert.written() == 2);
  CHECK(connection.read_number("SELECT size FROM items WHERE name = 'a'") == 1);
}

TEST_CASE("a transaction that is not committed changes nothing") {
  const Place place;
  Connection connection = with_items(place);
  {
    const Transaction transaction = Transaction::begin(connection).value();
    REQUIRE(connection.run("INSERT INTO items (name) VALUES ('a')"));
  }
  CHECK(connection.read_number("SELECT count(*) FROM items") == 0);
  Transaction transaction = Transaction::begin(connection).value();
  REQUIRE(connection.run("INSERT INTO items (name) VALUES ('a')"));
  REQUIRE(transaction.commit());
  CHECK(place.open().read_number("SELECT count(*) FROM items") == 1);
}
