// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/isolation.hpp"

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

std::string unusable_in_child(const event::DeviceState& device) {
  if (device.open.value_or(false)) return "the device is open";
  if (!device.files.empty()) return fmt::format("{} is open", join(device.files, ", "));
  if (device.bad_here.value_or(false) || device.bad_in_child.value_or(false)) {
    return "the device refuses to work in a forked process";
  }
  return {};
}

IsolationChoice choose_isolation(Isolation asked, const event::ForkCheck& seen) {
  if (asked == Isolation::process) return {Isolation::process, {}};
  if (std::string device = unusable_in_child(seen.device); !device.empty()) return {Isolation::process, device};
  const Isolation forks = asked == Isolation::test ? Isolation::test : Isolation::slice;
  if (!seen.threads.empty()) {
    const std::string threads = fmt::format("its import starts threads ({})", join(seen.threads, ", "));
    return {asked == Isolation::automatic ? Isolation::process : forks, threads};
  }
  if (seen.children > 0) return {forks, "its import starts processes"};
  return {forks, {}};
}

bool is_fork_error(std::string_view text) {
  return text.find("in forked subprocess") != std::string_view::npos;
}

}  // namespace spyre::execute
