// SPDX-License-Identifier: Apache-2.0
// Chooses how the cases of a file run, from the configuration and the worker's observations. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/config.hpp"
#include "agent/execute/message.hpp"

namespace spyre::execute {

struct IsolationChoice {
  Isolation isolation = Isolation::slice;  // not automatic
  std::string why;                         // why it is not the requested one, or is a risk; empty: no remark
};

// Choose how to run the cases of a file that was imported in a host.
IsolationChoice choose_isolation(Isolation asked, const event::ForkCheck& seen);
// Return why a device in this state is unusable in a forked child; empty: no objection.
std::string unusable_in_child(const event::DeviceState& device);
// Return whether an error means that a device cannot be used in a forked child: "Cannot re-initialize CUDA in forked
// subprocess".
bool is_fork_error(std::string_view text);

}  // namespace spyre::execute
