// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::cards {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view vendor_ibm = "0x1014";
constexpr std::string_view physical_function = "0x06a7";
constexpr std::string_view virtual_function = "0x06a8";
constexpr std::string_view device_prefix = "AIU_DEVICE_";

bool is_pci_address(std::string_view text) {
  constexpr std::string_view shape = "xxxx:xx:xx.o";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool fits = shape[i] == 'x' ? hex : shape[i] == 'o' ? c >= '0' && c <= '7' : c == shape[i];
    if (!fits) return false;
  }
  return true;
}

fs::path pci_devices(const Machine& machine) {
  return fs::path(machine.sysfs) / "bus/pci/devices";
}

// Return the text of a one-line file of sysfs; empty if it cannot be read.
std::string attribute(const fs::path& path) {
  const auto text = read_file(path, 4096);
  return text ? std::string(trim(*text)) : std::string();
}

// Return the last component of a symbolic link's target in sysfs; empty if there is none.
std::string link_name(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  return error ? std::string() : target.filename().string();
}

Card card_at(std::string address, bool is_virtual, const Machine& machine) {
  std::string group = link_name(pci_devices(machine) / address / "iommu_group");
  return Card{0, "spyre", std::move(address), is_virtual, std::move(group)};
}

// Return how a variable that lists PCI addresses names its cards; nothing for any other variable. The resource was
// called aiu_pf, is now called spyre_pf, and may end in the tier: PCIDEVICE_IBM_COM_SPYRE_PF_TIER0.
std::optional<bool> lists_virtual_functions(std::string_view name) {
  for (const std::string_view resource : {"PCIDEVICE_IBM_COM_AIU_", "PCIDEVICE_IBM_COM_SPYRE_"}) {
    if (!name.starts_with(resource)) continue;
    const std::string_view function = name.substr(resource.size());
    const std::string_view tier = function.substr(std::min<std::size_t>(function.size(), 2));
    if (!tier.empty() && tier != "_TIER0" && tier != "_TIER1" && tier != "_TIER2") continue;
    if (function.starts_with("PF")) return false;
    if (function.starts_with("VF")) return true;
  }
  return std::nullopt;
}

Result<void> add_listed(std::vector<Card>& cards, const std::string& name, std::string_view value,
                        std::optional<bool> is_virtual, const Machine& machine) {
  for (const std::string_view part : split(value, ',')) {
    const std::string address = lower(trim(part));
    if (address.empty()) continue;
    if (!is_pci_address(address)) {
      return fail(ErrorKind::infra,
                  fmt::format("{}: '{}' is not a PCI address", name, shorten(valid_utf8(trim(part)), 60)),
                  "addresses look like 0000:1a:00.0, several are separated by commas");
    }
    const bool known = std::ranges::any_of(cards, [&](const Card& card) { return card.address == address; });
    if (known) continue;
    const bool from_sysfs = attribute(pci_devices(machine) / address / "device") == virtual_function;
    cards.push_back(card_at(address, is_virtual.value_or(from_sysfs), machine));
  }
  return {};
}

Result<std::vector<Card>> cards_of_environment(const Machine& machine) {
  std::vector<Card> cards;
  // Sort by number, not by name: AIU_DEVICE_10 comes after AIU_DEVICE_9.
  std::map<std::uint64_t, std::string> numbered;
  for (const auto& [name, value] : machine.environment) {
    if (const auto is_virtual = lists_virtual_functions(name)) {
      CHECK_OK(add_listed(cards, name, value, is_virtual, machine));
    } else if (name.starts_with(device_prefix)) {
      const auto number = parse_count(std::string_view(name).substr(device_prefix.size()), max_cards);
      if (number) numbered[*number] = name;
    }
  }
  for (const auto& [number, name] : numbered) {
    CHECK_OK(add_listed(cards, name, machine.environment.at(name), std::nullopt, machine));
  }
  return cards;
}

struct Scan {
  std::vector<Card> cards;           // bound to vfio-pci
  std::vector<std::string> unbound;  // "0000:1a:00.0 (driver: none)"
};

Scan scan_pci(const Machine& machine) {
  Scan scan;
  std::set<std::string> addresses;  // sorted: the runtime counts in this order
  std::error_code error;
  for (fs::directory_iterator it(pci_devices(machine), error), end; !error && it != end; it.increment(error)) {
    addresses.insert(it->path().filename().string());
  }
  for (const std::string& address : addresses) {
    const fs::path device = pci_devices(machine) / address;
    if (attribute(device / "vendor") != vendor_ibm) continue;
    const std::string id = attribute(device / "device");
    if (id != physical_function && id != virtual_function) continue;
    const std::string driver = link_name(device / "driver");
    if (driver == "vfio-pci") {
      scan.cards.push_back(card_at(address, id == virtual_function, machine));
    } else {
      scan.unbound.push_back(fmt::format("{} (driver: {})", address, driver.empty() ? "none" : driver));
    }
  }
  return scan;
}

tl::unexpected<Error> no_card_in_environment() {
  return fail(ErrorKind::infra,
              "the environment names no card: neither PCIDEVICE_IBM_COM_AIU_PF (or _VF) nor AIU_DEVICE_0",
              "ask Kubernetes for ibm.com/spyre_pf, or use --cards vfio, or --cards cpu:2 to run without cards");
}

tl::unexpected<Error> no_card_in_sysfs(const Scan& scan, const Machine& machine, std::string_view also) {
  if (!scan.unbound.empty()) {
    return fail(ErrorKind::infra,
                fmt::format("no card is bound to vfio-pci{}; found {}", also, shorten(join(scan.unbound, ", "), 300)),
                "bind the cards to the driver vfio-pci (driverctl set-override ADDRESS vfio-pci)");
  }
  return fail(ErrorKind::infra,
              fmt::format("no card found: no PCI device 1014:06a7 or 1014:06a8 under {}{}",
                          pci_devices(machine).string(), also),
              "check `lspci -n -d 1014:`, or use --cards cpu:2 to run without cards");
}

std::vector<Card> numbered(std::vector<Card> cards) {
  for (std::size_t i = 0; i < cards.size(); ++i) cards[i].index = static_cast<int>(i);
  return cards;
}

std::vector<Card> cpu_slots(int count) {
  return numbered(std::vector<Card>(static_cast<std::size_t>(count), Card{0, "cpu", {}, false, {}}));
}

}  // namespace

Machine Machine::here() {
  Machine machine;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) machine.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  // The processors that this process may use: in a container fewer than the machine has.
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  machine.processors = sched_getaffinity(0, sizeof allowed, &allowed) == 0
                           ? CPU_COUNT(&allowed)
                           : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  machine.processors = std::max(machine.processors, 1);
  return machine;
}

Result<std::vector<Card>> find_cards(const CardSpec& spec, const Machine& machine) {
  using Source = CardSpec::Source;
  if (spec.source == Source::cpu) return cpu_slots(spec.count);
  if (spec.source == Source::count) {
    return fail(ErrorKind::usage,
                fmt::format("--cards {} is a number, which is enough to plan but not to run", spec.count),
                "name where the cards are: auto, env, vfio, or cpu:2 for two CPU slots");
  }
  if (spec.source != Source::vfio) {
    TRY(std::vector<Card> cards, cards_of_environment(machine));
    if (!cards.empty()) return numbered(std::move(cards));
    if (spec.source == Source::environment) return no_card_in_environment();
  }
  Scan scan = scan_pci(machine);
  if (scan.cards.empty()) {
    const bool automatic = spec.source == Source::automatic;
    return no_card_in_sysfs(scan, machine,
                            automatic ? ", and none in PCIDEVICE_IBM_COM_AIU_PF, _VF or AIU_DEVICE_<i>" : "");
  }
  return numbered(std::move(scan.cards));
}

}  // namespace spyre::cards
