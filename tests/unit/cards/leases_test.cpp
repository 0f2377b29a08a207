// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/leases.hpp"

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/cards/machines.hpp"

using namespace spyre;
using namespace spyre::cards;

namespace {

const std::vector<Card> both{{0, "spyre", "0000:1a:00.0", false, ""}, {1, "spyre", "0000:1b:00.0", false, ""}};
const std::vector<Card> first{both[0]};
const std::vector<Card> second{both[1]};

// Two agents on one machine, each with a process of its own.
struct Fixture {
  FakeMachine fake;
  ManualClock clock;
  TemporaryFolder folder = std::move(*TemporaryFolder::create());

  void process(int pid, const std::string& started) const {
    std::string stat = std::to_string(pid) + " (a (b) c) S";
    for (int field = 4; field <= 21; ++field) stat += " 0";
    REQUIRE(write_file(std::filesystem::path(fake.machine.proc) / std::to_string(pid) / "stat",
                       stat + " " + started + " 0 0\n"));
  }
  Leases agent(const std::string& name, int pid, const std::string& started,
               const std::string& space = "pid:[1]") const {
    return *Leases::open(folder.path(), {name, pid, started, space}, Seconds{60}, fake.machine, clock);
  }
};

}  // namespace

TEST_CASE("a card that one agent has is busy for the other") {
  const Fixture f;
  f.process(100, "5");
  f.process(200, "6");
  Leases one = f.agent("run one", 100, "5"), two = f.agent("run two", 200, "6");
  REQUIRE(one.take(first));
  const auto refused = two.take(both);
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(refused.error().message == "card 0 (0000:1a:00.0) is in use by run one (process 100)");
  // All or none: the second card is still free.
  CHECK(one.take(second));
  CHECK(two.take_free(both)->empty());
  REQUIRE(one.give_back(first));
  const auto taken = two.take_free(both);
  REQUIRE(taken);
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().index == 0);
}

TEST_CASE("what is not one's own is not given back") {
  const Fixture f;
  f.process(100, "5");
  Leases one = f.agent("one", 100, "5"), two = f.agent("two", 200, "6");
  REQUIRE(one.take(first));
  REQUIRE(two.give_back(both));
  CHECK(!two.take(first));
}

TEST_CASE("a lease that is not renewed is over, and then it cannot be renewed") {
  Fixture f;
  f.process(100, "5");
  f.process(200, "6");
  Leases one = f.agent("one", 100, "5"), two = f.agent("two", 200, "6");
  REQUIRE(one.take(first));
  f.clock.advance(Seconds{50});
  REQUIRE(one.renew(first));
  f.clock.advance(Seconds{50});
  CHECK(!two.take(first));
  f.clock.advance(Seconds{11});
  REQUIRE(two.take(first));
  const auto late = one.renew(first);
  REQUIRE(!late);
  CHECK(late.error().kind == ErrorKind::busy);
}

TEST_CASE("whoever holds the leases' lock is not waited for, as long as the cards are ours") {
  Fixture f;
  f.process(100, "5");
  auto held = HeldCards::take(f.agent("one", 100, "5"), first, false, Seconds{60}, f.clock);
  REQUIRE(held);
  auto lock = FileLock::try_take(f.folder.path() / "lock");
  REQUIRE(lock);
  f.clock.advance(Seconds{30});
  CHECK(held->keep());
  CHECK(!*f.agent("one", 100, "5").renew(first));
  f.clock.advance(Seconds{29});
  CHECK(held->keep());
  f.clock.advance(Seconds{1});
  CHECK(held->keep().error().kind == ErrorKind::busy);
  { const FileLock let_go = std::move(*lock); }
  CHECK(held->keep());
}

TEST_CASE("the lease of a dead agent is over at once") {
  const Fixture f;
  Leases two = f.agent("two", 200, "6");
  SECTION("its process is gone") {
    REQUIRE(f.agent("one", 100, "5").take(first));
    CHECK(two.take(first));
  }
  SECTION("its number belongs to a later process") {
    f.process(100, "99");
    REQUIRE(f.agent("one", 100, "5").take(first));
    CHECK(two.take(first));
  }
  SECTION("but an agent in another container cannot be seen, and is not taken for dead") {
    REQUIRE(f.agent("one", 100, "5", "pid:[2]").take(first));
    CHECK(!two.take(first));
  }
}

TEST_CASE("a lease that nobody can read is none") {
  const Fixture f;
  for (const std::string text : {"", "{", "[]", "{}", R"({"pid": -3, "expires": "never"})"}) {
    REQUIRE(write_file(f.folder.path() / "0000:1a:00.0.json", text));
    CHECK(f.agent("one", 100, "5").take(first));
  }
}

TEST_CASE("this process can say who it is") {
  const Machine here = Machine::here();
  const auto owner = LeaseOwner::here("a run", here);
  REQUIRE(owner);
  CHECK(owner->pid > 0);
  CHECK(!owner->started.empty());
  CHECK(!owner->namespace_id.empty());
}

TEST_CASE("held cards are renewed in time, and given back in the end") {
  Fixture f;
  f.process(100, "5");
  f.process(200, "6");
  Leases other = f.agent("two", 200, "6");
  {
    auto held = HeldCards::take(f.agent("one", 100, "5"), both, false, Seconds{60}, f.clock);
    REQUIRE(held);
    for (int i = 0; i < 10; ++i) {
      f.clock.advance(std::chrono::seconds{25});
      CHECK(held->keep());
      CHECK(!other.take(first));
    }
    // An agent that was away for too long has lost its cards, and hears of it.
    f.clock.advance(std::chrono::seconds{61});
    REQUIRE(other.take(first));
    const auto lost = held->keep();
    REQUIRE(!lost);
    CHECK(lost.error().kind == ErrorKind::busy);
  }
  CHECK(!f.agent("three", 300, "7").take(first));
  CHECK(f.agent("three", 300, "7").take(second));
}

TEST_CASE("of whatever is there, the cards that nobody has are taken, and none is an error") {
  Fixture f;
  f.process(100, "5");
  f.process(200, "6");
  f.process(300, "7");
  const auto one = HeldCards::take(f.agent("one", 100, "5"), first, false, Seconds{60}, f.clock);
  REQUIRE(one);
  const auto two = HeldCards::take(f.agent("two", 200, "6"), both, true, Seconds{60}, f.clock);
  REQUIRE(two);
  REQUIRE(two->cards().size() == 1);
  CHECK(two->cards().front().index == 1);
  const auto three = HeldCards::take(f.agent("three", 300, "7"), both, true, Seconds{60}, f.clock);
  REQUIRE(!three);
  CHECK(three.error().message == "card 0 (0000:1a:00.0) is in use by one (process 100)");
}
