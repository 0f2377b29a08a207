// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/card.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/cards/machines.hpp"

using namespace spyre;
using namespace spyre::cards;

namespace {

Result<std::vector<Card>> find(const std::string& spec, const FakeMachine& fake) {
  return find_cards(*parse_card_spec(spec), fake.machine);
}

std::vector<std::string> addresses(const std::vector<Card>& cards) {
  std::vector<std::string> out;
  for (const Card& card : cards) out.push_back(card.address);
  return out;
}

}  // namespace

TEST_CASE("CPU slots need no hardware") {
  const auto cards = find("cpu:3", FakeMachine());
  REQUIRE(cards);
  REQUIRE(cards->size() == 3);
  for (int i = 0; i < 3; ++i) {
    CHECK((*cards)[i].index == i);
    CHECK((*cards)[i].kind == "cpu");
    CHECK((*cards)[i].address.empty());
  }
}

TEST_CASE("a number is for planning only") {
  const auto cards = find("24", FakeMachine());
  REQUIRE(!cards);
  CHECK(cards.error().kind == ErrorKind::usage);
}

TEST_CASE("cards of a pod keep the order of the variable") {
  FakeMachine fake;
  fake.variable("PCIDEVICE_IBM_COM_AIU_PF", "0000:1B:00.0, 0000:1a:00.0,,0000:1b:00.0");
  fake.device("0000:1a:00.0", "0x1014", "0x06a7", "vfio-pci", "42");
  const auto cards = find("env", fake);
  REQUIRE(cards);
  CHECK(addresses(*cards) == std::vector<std::string>{"0000:1b:00.0", "0000:1a:00.0"});
  CHECK((*cards)[0].index == 0);
  CHECK((*cards)[1].index == 1);
  CHECK((*cards)[1].iommu_group == "42");
  CHECK((*cards)[0].kind == "spyre");
  CHECK(!(*cards)[0].virtual_function);
}

TEST_CASE("every form in which a pod names its cards is understood") {
  SECTION("virtual functions") {
    const auto cards = find("env", FakeMachine().variable("PCIDEVICE_IBM_COM_AIU_VF", "0000:1a:00.1"));
    REQUIRE(cards);
    REQUIRE(cards->size() == 1);
    CHECK((*cards)[0].virtual_function);
  }
  SECTION("the newer resource name, with its tier") {
    const auto cards = find("env", FakeMachine().variable("PCIDEVICE_IBM_COM_SPYRE_PF_TIER0", "0000:1a:00.0"));
    REQUIRE(cards);
    CHECK(cards->size() == 1);
  }
  SECTION("one variable a card, in the order of their numbers") {
    FakeMachine fake;
    fake.variable("AIU_DEVICE_10", "0000:0a:00.0").variable("AIU_DEVICE_9", "0000:09:00.0");
    fake.variable("AIU_DEVICE_COUNT", "2").device("0000:0a:00.0", "0x1014", "0x06a8");
    const auto cards = find("env", fake);
    REQUIRE(cards);
    CHECK(addresses(*cards) == std::vector<std::string>{"0000:09:00.0", "0000:0a:00.0"});
    CHECK(!(*cards)[0].virtual_function);
    CHECK((*cards)[1].virtual_function);
  }
  SECTION("the device plugin's JSON beside the list is not a list") {
    FakeMachine fake;
    fake.variable("PCIDEVICE_IBM_COM_AIU_PF", "0000:1a:00.0").variable("PCIDEVICE_IBM_COM_AIU_PF_INFO", "{\"a\": {}}");
    CHECK(find("env", fake)->size() == 1);
  }
}

TEST_CASE("a malformed address is reported with its variable") {
  for (const std::string value : {"banana", "0000:1a:00", "0000:1a:00.8", "1a:00.0", "0000:1a:00.0;0000:1b:00.0"}) {
    const auto cards = find("auto", FakeMachine().variable("PCIDEVICE_IBM_COM_AIU_PF", value));
    REQUIRE(!cards);
    CHECK(cards.error().kind == ErrorKind::infra);
    CHECK(cards.error().message == "PCIDEVICE_IBM_COM_AIU_PF: '" + value + "' is not a PCI address");
  }
}

TEST_CASE("cards bound to vfio-pci are found in sysfs in the order of their addresses") {
  FakeMachine fake;
  fake.device("0000:2b:00.0", "0x1014", "0x06a7", "vfio-pci", "7");
  fake.device("0000:1a:00.0", "0x1014", "0x06a8", "vfio-pci", "5");
  fake.device("0000:01:00.0", "0x10de", "0x06a7");         // another vendor's
  fake.device("0000:02:00.0", "0x1014", "0x04da");         // IBM's, but not a card
  fake.device("0000:2c:00.0", "0x1014", "0x06a7", "aiu");  // bound to another driver
  const auto cards = find("vfio", fake);
  REQUIRE(cards);
  CHECK(addresses(*cards) == std::vector<std::string>{"0000:1a:00.0", "0000:2b:00.0"});
  CHECK((*cards)[0].virtual_function);
  CHECK((*cards)[0].iommu_group == "5");
  CHECK(!(*cards)[1].virtual_function);
  CHECK((*cards)[1].index == 1);
}

TEST_CASE("auto prefers the pod's cards to the machine's") {
  FakeMachine fake;
  fake.device("0000:1a:00.0", "0x1014", "0x06a7").device("0000:1b:00.0", "0x1014", "0x06a7");
  CHECK(find("auto", fake)->size() == 2);
  fake.variable("PCIDEVICE_IBM_COM_AIU_PF", "0000:1b:00.0");
  CHECK(addresses(*find("auto", fake)) == std::vector<std::string>{"0000:1b:00.0"});
}

TEST_CASE("a machine without cards is an infrastructure error that lists what was searched") {
  const FakeMachine fake;
  for (const std::string spec : {"auto", "env", "vfio"}) {
    const auto cards = find(spec, fake);
    REQUIRE(!cards);
    CHECK(cards.error().kind == ErrorKind::infra);
    CHECK(cards.error().hint.find("--cards cpu:2") != std::string::npos);
  }
  CHECK(find("auto", fake).error().message.find("1014:06a7") != std::string::npos);
  CHECK(find("auto", fake).error().message.find("AIU_DEVICE_<i>") != std::string::npos);
}

TEST_CASE("cards that another driver holds are listed") {
  FakeMachine fake;
  fake.device("0000:1a:00.0", "0x1014", "0x06a7", "");
  const auto cards = find("auto", fake);
  REQUIRE(!cards);
  CHECK(cards.error().kind == ErrorKind::infra);
  CHECK(cards.error().message.find("0000:1a:00.0 (driver: none)") != std::string::npos);
  CHECK(cards.error().hint.find("vfio-pci") != std::string::npos);
}

TEST_CASE("this machine has at least one processor and an environment") {
  const Machine here = Machine::here();
  CHECK(here.processors >= 1);
  CHECK(here.environment.count("PATH") == 1);
}
