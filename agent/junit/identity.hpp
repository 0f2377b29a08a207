// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spyre::junit {

struct Identity {
  std::string file, classname, name;
};

// Normalise an identity, so that it is the same for every writer (see Case).
void normalise_identity(Identity& identity);

}  // namespace spyre::junit
