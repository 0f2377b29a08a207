// SPDX-License-Identifier: Apache-2.0
// How the cases of a file are run, from what is asked for and what the worker saw. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/config.hpp"
#include "agent/execute/message.hpp"

namespace spyre::execute {

struct IsolationChoice {
  Isolation isolation = Isolation::slice;  // not automatic
  std::string why;                         // it is not what was asked for, or is a risk; empty: nothing to say
};

// How to run the cases of a file that was imported in a host.
IsolationChoice choose_isolation(Isolation asked, const event::ForkCheck& seen);
// Why a device in this state is unusable in a forked child; empty: nothing speaks against it.
std::string unusable_in_child(const event::DeviceState& device);
// Whether an error says that a device cannot be used in a forked child: "Cannot re-initialize CUDA in forked
// subprocess".
bool is_fork_error(std::string_view text);

}  // namespace spyre::execute
