// SPDX-License-Identifier: Apache-2.0
#include "tests/support/project.hpp"

namespace spyre::test {

std::filesystem::path project() {
  return SPYRE_PROJECT;
}

std::filesystem::path fixtures() {
  return project() / "tests/fixtures";
}

}  // namespace spyre::test
