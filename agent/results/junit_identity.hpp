// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spyre::results {

struct JunitIdentity {
  std::string file, classname, name;
};

// Makes them the same whoever wrote them (see JunitCase).
void normalise_identity(JunitIdentity& identity);

}  // namespace spyre::results
