// SPDX-License-Identifier: Apache-2.0
// Made-up machines: a sysfs tree in a temporary directory, laid out as the kernel does.
#pragma once

#include <filesystem>
#include <string>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"

namespace spyre::cards {

class FakeMachine {
 public:
  FakeMachine() : m_directory(std::move(*TemporaryDirectory::create())) {
    machine.sysfs = (m_directory.path() / "sys").string();
    machine.proc = (m_directory.path() / "proc").string();
    machine.processors = 8;
  }

  // Add a PCI device; an empty driver or group means none.
  FakeMachine& device(const std::string& address, const std::string& vendor, const std::string& id,
                      const std::string& driver = "vfio-pci", const std::string& group = "") {
    const auto at = std::filesystem::path(machine.sysfs) / "bus/pci/devices" / address;
    (void)write_file(at / "vendor", vendor + "\n");
    (void)write_file(at / "device", id + "\n");
    if (!driver.empty()) std::filesystem::create_symlink("../../../bus/pci/drivers/" + driver, at / "driver");
    if (!group.empty()) std::filesystem::create_symlink("../../../kernel/iommu_groups/" + group, at / "iommu_group");
    return *this;
  }
  FakeMachine& variable(const std::string& name, const std::string& value) {
    machine.environment[name] = value;
    return *this;
  }

  Machine machine;

 private:
  TemporaryDirectory m_directory;
};

}  // namespace spyre::cards
