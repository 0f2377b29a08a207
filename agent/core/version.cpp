// SPDX-License-Identifier: Apache-2.0
#include "agent/core/version.hpp"

namespace spyre {

// Known at compile time, because initialisers that run before main may use it.
constinit const std::string_view version = SPYRE_CI_VERSION;

}  // namespace spyre
