// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spyre::junit {

struct Identity {
  std::string file, classname, name;
};

// Makes them the same whoever wrote them (see Case).
void normalise_identity(Identity& identity);

}  // namespace spyre::junit
