// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/health.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/cards/machines.hpp"

using namespace spyre;
using namespace spyre::cards;

namespace {

void open_file(const Machine& machine, int pid, int fd, const std::string& target) {
  const auto directory = std::filesystem::path(machine.proc) / std::to_string(pid) / "fd";
  std::filesystem::create_directories(directory);
  std::filesystem::create_symlink(target, directory / std::to_string(fd));
}

Card card_in_group(const std::string& group) {
  return {0, "spyre", "0000:1a:00.0", false, group};
}

}  // namespace

TEST_CASE("hardware fault signatures are found in a log, and the first one counts") {
  CHECK(!hardware_fault_signature(""));
  CHECK(!hardware_fault_signature("RAS::Something::Else, and all is well"));
  CHECK(hardware_fault_signature("E1122 RAS::VFIO::MapDMAFailed at 3") == "RAS::VFIO::MapDMAFailed");
  CHECK(hardware_fault_signature("x RAS::PCI::BusFence y RAS::CBRB::ResponseTimeout") == "RAS::PCI::BusFence");
}

TEST_CASE("the holders of a card are found by their open files") {
  const FakeMachine fake;
  open_file(fake.machine, 200, 5, "/dev/vfio/42");
  open_file(fake.machine, 100, 3, "/dev/vfio/42");
  open_file(fake.machine, 100, 4, "/dev/vfio/42");
  open_file(fake.machine, 300, 3, "/dev/vfio/4");
  open_file(fake.machine, 400, 3, "/dev/vfio/vfio");
  std::filesystem::create_directories(std::filesystem::path(fake.machine.proc) / "sys" / "fd");
  CHECK(holders(card_in_group("42"), fake.machine) == std::vector<int>{100, 200});
  CHECK(holders(card_in_group("7"), fake.machine).empty());
  CHECK(holders(card_in_group(""), fake.machine).empty());
}
