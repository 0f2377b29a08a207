// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/topology.hpp"

#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/unit/cards/machines.hpp"

using namespace spyre;
using namespace spyre::cards;

namespace {

using Cards = std::vector<int>;

// Two hosts of eight cards, each with two switches of four.
Topology two_hosts() {
  Cards switches(16), hosts(16);
  for (int i = 0; i < 16; ++i) {
    switches[i] = i / 4;
    hosts[i] = i / 8;
  }
  return Topology({switches, hosts});
}

Cards all(int count) {
  Cards cards(count);
  std::iota(cards.begin(), cards.end(), 0);
  return cards;
}

std::vector<Card> cards_at(const std::vector<std::string>& addresses) {
  std::vector<Card> cards;
  for (const std::string& address : addresses) {
    cards.push_back({static_cast<int>(cards.size()), "spyre", address, false, ""});
  }
  return cards;
}

}  // namespace

TEST_CASE("cards are as close as the lowest tier that contains them all") {
  const Topology topology = two_hosts();
  CHECK(topology.tier_of({0, 3}) == 0);
  CHECK(topology.tier_of({0, 4}) == 1);
  CHECK(topology.tier_of({0, 8}) == 2);
  CHECK(topology.tier_of({5}) == 0);
  CHECK(Topology().tier_of({0, 9}) == 0);
}

TEST_CASE("a gang gets the closest free cards") {
  const Topology topology = two_hosts();
  CHECK(topology.closest(all(16), 2) == Cards{0, 1});
  CHECK(topology.closest({0, 5, 6, 8}, 2) == Cards{5, 6});
  CHECK(topology.closest({0, 4, 9, 12, 13, 14}, 3) == Cards{12, 13, 14});
  CHECK(topology.closest(all(16), 8) == all(8));
}

TEST_CASE("a small gang leaves large sets whole") {
  CHECK(two_hosts().closest({0, 1, 2, 3, 5, 6}, 2) == Cards{5, 6});
  CHECK(two_hosts().closest({0, 1, 2, 3, 4, 5, 8, 9, 10}, 3) == Cards{8, 9, 10});
}

TEST_CASE("a gang that fits in no set is spread over as few sets as possible") {
  // The first host has cards 2 | 4 5 6 free: three of one switch and one of the other.
  CHECK(two_hosts().closest({2, 4, 5, 6, 8, 12}, 4) == Cards{2, 4, 5, 6});
  CHECK(two_hosts().closest({0, 1, 4, 8, 9, 10, 11}, 6) == Cards{0, 1, 8, 9, 10, 11});
}

TEST_CASE("a gang is placed whole or not at all") {
  CHECK(!two_hosts().closest({0, 1}, 3));
  CHECK(!two_hosts().closest({}, 1));
  CHECK(Topology().closest({7, 3, 5}, 2) == Cards{3, 7});
}

TEST_CASE("tier sets of the environment are read, by rank or by address") {
  FakeMachine fake;
  fake.variable("AIU_WORLD_RANK_0", "0000:1a:00.0").variable("AIU_WORLD_RANK_1", "0000:1b:00.0");
  fake.variable("AIU_WORLD_RANK_2", "0000:2a:00.0").variable("AIU_WORLD_RANK_3", "0000:2b:00.0");
  fake.variable("AIU_TIER_0_SET_0_SIZE", "2").variable("AIU_TIER_0_SET_0_RANK_0", "0");
  fake.variable("AIU_TIER_0_SET_0_RANK_1", "3").variable("AIU_TIER_1_SET_5_RANK_0", "0000:1b:00.0");
  fake.variable("AIU_TIER_1_SET_5_RANK_1", "0000:2a:00.0").variable("AIU_TIER_x_SET_0_RANK_0", "1");
  fake.variable("AIU_TIER_1_SET_5_RANK_2", "0000:ff:00.0").variable("AIU_TIER_99_SET_0_RANK_0", "1");
  const auto cards = cards_at({"0000:1a:00.0", "0000:1b:00.0", "0000:2a:00.0", "0000:2b:00.0"});
  const Topology topology = read_topology(cards, fake.machine);
  CHECK(topology.tier_of({0, 3}) == 0);
  CHECK(topology.tier_of({1, 2}) == 1);
  CHECK(topology.tier_of({0, 1}) == 2);
}

TEST_CASE("without tier sets the topology comes from the cards' positions in sysfs") {
  const FakeMachine fake;
  const std::filesystem::path sys = fake.machine.sysfs;
  const auto place = [&](const std::string& address, const std::string& bridges) {
    const auto device = sys / "devices" / bridges / address;
    std::filesystem::create_directories(device);
    std::filesystem::create_directories(sys / "bus/pci/devices");
    std::filesystem::create_directory_symlink(device, sys / "bus/pci/devices" / address);
  };
  place("0000:1a:00.0", "pci0000:17/0000:17:01.0/0000:18:00.0/0000:19:00.0");
  place("0000:1b:00.0", "pci0000:17/0000:17:01.0/0000:18:00.0/0000:19:01.0");
  place("0000:2a:00.0", "pci0000:17/0000:17:02.0/0000:28:00.0/0000:29:00.0");
  place("0000:3a:00.0", "pci0000:37/0000:37:01.0/0000:38:00.0/0000:39:00.0");
  const auto cards = cards_at({"0000:1a:00.0", "0000:1b:00.0", "0000:2a:00.0", "0000:3a:00.0"});
  const Topology topology = read_topology(cards, fake.machine);
  CHECK(topology.tier_of({0, 1}) == 0);
  CHECK(topology.tier_of({0, 2}) == 1);
  CHECK(topology.tier_of({0, 3}) == 2);
}

TEST_CASE("without topology data all cards are equally close") {
  const FakeMachine fake;
  CHECK(read_topology(cards_at({"0000:1a:00.0", "0000:1b:00.0"}), fake.machine).tier_of({0, 1}) == 0);
  CHECK(read_topology({{0, "cpu", "", false, ""}, {1, "cpu", "", false, ""}}, fake.machine).tier_of({0, 1}) == 0);
}
