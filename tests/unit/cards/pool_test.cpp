// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/pool.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::cards;
using State = CardPool::State;
using Ending = CardPool::Ending;
using Cards = std::vector<int>;

namespace {

struct PoolFixture {
  ManualClock clock;
  std::set<int> held;  // by another process
  CardPool pool;

  explicit PoolFixture(int count, PoolSettings settings = {})
      : pool(spyre_cards(count), settings, clock, [this](const Card& card) { return !held.contains(card.index); }) {}

  static std::vector<Card> spyre_cards(int count) {
    std::vector<Card> cards;
    for (int i = 0; i < count; ++i) cards.push_back({i, "spyre", "", false, ""});
    return cards;
  }
  void run(const Cards& gang, Ending ending, const std::string& log = "") {
    pool.start(gang);
    pool.finish(gang, ending, log);
  }
};

}  // namespace

TEST_CASE("cards are ready, busy, and ready again") {
  PoolFixture f(3);
  CHECK(f.pool.ready() == Cards{0, 1, 2});
  f.pool.start({0, 2});
  CHECK(f.pool.ready() == Cards{1});
  CHECK(f.pool.state(2) == State::busy);
  f.pool.finish({0, 2}, Ending::left);
  CHECK(f.pool.ready() == Cards{0, 1, 2});
  CHECK(!f.pool.next_look());
}

TEST_CASE("after a kill a card is not used until it is released") {
  PoolFixture f(2);
  f.held = {0};
  f.run({0, 1}, Ending::left);
  CHECK(f.pool.ready() == Cards{1});
  CHECK(f.pool.state(0) == State::releasing);
  REQUIRE(f.pool.next_look());
  f.clock.advance(Seconds{5});
  CHECK(f.pool.ready() == Cards{1});
  f.held = {};
  CHECK(f.pool.ready() == Cards{0, 1});
  CHECK(f.pool.take_cordons().empty());
}

TEST_CASE("a card that is never released is cordoned, and comes back") {
  PoolFixture f(1, {.release_timeout = Seconds{60}, .cordon = Seconds{600}});
  f.held = {0};
  f.run({0}, Ending::left);
  f.clock.advance(Seconds{60});
  CHECK(f.pool.ready().empty());
  CHECK(f.pool.state(0) == State::cordoned);
  const auto cordons = f.pool.take_cordons();
  REQUIRE(cordons.size() == 1);
  CHECK(cordons[0].card == 0);
  CHECK(cordons[0].why == "still held 1 min 00 s after its worker ended");
  CHECK(f.pool.take_cordons().empty());
  f.clock.advance(Seconds{599});
  CHECK(f.pool.ready().empty());
  f.clock.advance(Seconds{1});
  CHECK(f.pool.ready() == Cards{0});
}

TEST_CASE("infrastructure failures in a row cordon a card") {
  PoolFixture f(2, {.failures = 2});
  f.run({0}, Ending::failed);
  CHECK(f.pool.ready() == Cards{0, 1});
  f.run({0}, Ending::left);
  f.run({0}, Ending::failed);
  CHECK(f.pool.ready() == Cards{0, 1});
  f.run({0}, Ending::failed);
  CHECK(f.pool.ready() == Cards{1});
  CHECK(f.pool.take_cordons().at(0).why == "2 infrastructure failures in a row");
}

TEST_CASE("one hardware fault signature cordons all cards of the gang") {
  PoolFixture f(3);
  f.run({0, 1}, Ending::left, "… RAS::PCI::BusFence …");
  CHECK(f.pool.ready() == Cards{2});
  const auto cordons = f.pool.take_cordons();
  REQUIRE(cordons.size() == 2);
  CHECK(cordons[0].why == "RAS::PCI::BusFence");
}

TEST_CASE("a card on which workers are unusable is cordoned without a second try") {
  PoolFixture f(2);
  f.run({0}, Ending::unusable);
  CHECK(f.pool.ready() == Cards{1});
  CHECK(f.pool.take_cordons().at(0).why == "no worker can be used on it");
}

TEST_CASE("a gang that cannot be started makes suspects, and a suspect that fails alone is cordoned") {
  for (const Ending how : {Ending::failed, Ending::unusable}) {
    PoolFixture f(4);
    for (int i = 0; i < 3; ++i) f.run({0, 1, 2}, how, "RAS::VFIO::DeviceOpenFail");
    CHECK(f.pool.ready() == Cards{0, 1, 2, 3});
    CHECK(f.pool.take_cordons().empty());
    CHECK((f.pool.is_suspect(0) && f.pool.is_suspect(1) && f.pool.is_suspect(2) && !f.pool.is_suspect(3)));
    f.pool.clear({0});
    f.run({0}, Ending::left);
    f.run({1}, Ending::failed);
    CHECK(f.pool.ready() == Cards{0, 2, 3});
    f.pool.clear({2, 3});
    CHECK_FALSE(f.pool.has_suspects());
    f.run({0}, Ending::failed);
    CHECK(f.pool.ready() == Cards{0, 2, 3});
  }
}

TEST_CASE("a card that comes back from a cordon is a suspect, and lost when it is cordoned again") {
  PoolFixture f(2, {.cordon = Seconds{100}});
  f.run({0}, Ending::unusable);
  CHECK(f.pool.count_lost() == 0);
  CHECK_FALSE(f.pool.is_suspect(0));
  f.clock.advance(Seconds{100});
  CHECK(f.pool.ready() == Cards{0, 1});
  CHECK(f.pool.is_suspect(0));
  f.run({0}, Ending::failed);
  CHECK(f.pool.count_lost() == 1);
}

TEST_CASE("a card on which tests hang is cordoned while there are others, and returns if it was not to blame") {
  PoolFixture f(2, {.cordon = Seconds{100}});
  CHECK(f.pool.can_spare_one());
  f.run({0}, Ending::hung);
  CHECK(f.pool.ready() == Cards{1});
  CHECK_FALSE(f.pool.can_spare_one());
  f.pool.uncordon(0);
  CHECK(f.pool.ready() == Cards{0, 1});
  f.run({0}, Ending::hung);
  const auto cordons = f.pool.take_cordons();
  REQUIRE(cordons.size() == 2);
  CHECK(cordons[1].why == "one test after the other hangs on it");
  CHECK(cordons[1].length == Seconds{100});
}

TEST_CASE("each cordon of a card is longer than the one before, and requires fewer failures") {
  PoolFixture f(1, {.cordon = Seconds{100}, .failures = 3});
  f.run({0}, Ending::left, "RAS::PCI::BusFence");
  CHECK(f.pool.take_cordons().at(0).length == Seconds{100});
  f.clock.advance(Seconds{100});
  REQUIRE(f.pool.ready() == Cards{0});
  f.run({0}, Ending::failed);
  CHECK(f.pool.take_cordons().at(0).length == Seconds{200});
  f.clock.advance(Seconds{100});
  CHECK(f.pool.ready().empty());
  CHECK(*f.pool.next_look() == f.clock.steady() + std::chrono::seconds{100});
}

TEST_CASE("when too many cards are lost the run is hopeless") {
  PoolFixture all(2);
  all.run({0}, Ending::left, "RAS::PCI::BusFence");
  CHECK(!all.pool.is_hopeless());
  all.run({1}, Ending::left, "RAS::PCI::BusFence");
  CHECK(all.pool.is_hopeless());

  PoolFixture one(3, {.max_cordoned = 1});
  one.run({2}, Ending::left, "RAS::PCI::BusFence");
  CHECK(one.pool.is_hopeless());
}
