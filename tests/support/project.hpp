// SPDX-License-Identifier: Apache-2.0
// Where the sources lie, for tests that read files of the project. Known to one object file alone, so that all others
// are the same wherever the project is checked out, and a compiler cache serves every checkout.
#pragma once

#include <filesystem>

namespace spyre::test {

std::filesystem::path project();
std::filesystem::path fixtures();

}  // namespace spyre::test
