// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/health.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <system_error>

#include "agent/core/text.hpp"

namespace spyre::cards {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 4> signs{"RAS::CBRB::ResponseTimeout", "RAS::VFIO::DeviceOpenFail",
                                                "RAS::PCI::BusFence", "RAS::VFIO::MapDMAFailed"};

bool has_open(const fs::path& process, const fs::path& device) {
  std::error_code error;
  for (fs::directory_iterator it(process / "fd", error), end; !error && it != end; it.increment(error)) {
    std::error_code closed;  // the descriptor may have been closed since the directory was read
    if (fs::read_symlink(it->path(), closed) == device) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> hardware_fault_signature(std::string_view log) {
  std::size_t first = std::string_view::npos;
  std::string_view found;
  for (const std::string_view sign : signs) {
    const std::size_t at = log.find(sign);
    if (at >= first) continue;
    first = at;
    found = sign;
  }
  return found.empty() ? std::nullopt : std::optional<std::string>(found);
}

std::vector<int> holders(const Card& card, const Machine& machine) {
  if (card.iommu_group.empty()) return {};
  const fs::path device = fs::path("/dev/vfio") / card.iommu_group;
  std::vector<int> pids;
  std::error_code error;
  for (fs::directory_iterator it(machine.proc, error), end; !error && it != end; it.increment(error)) {
    const auto pid = parse_count(it->path().filename().string(), std::numeric_limits<int>::max());
    if (pid && has_open(it->path(), device)) pids.push_back(static_cast<int>(*pid));
  }
  std::ranges::sort(pids);
  return pids;
}

}  // namespace spyre::cards
