// SPDX-License-Identifier: Apache-2.0
// Is there a Python that can run tests?
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/environment.hpp"

namespace spyre::execute {

struct PackageVersion {
  std::string name, version;
  std::string revision;  // the commit it was built from, 40 hexadecimal digits; empty: unknown
};

struct PythonVersions {
  std::string executable;             // where it is
  std::string python, pytest, torch;  // torch: empty when no preloaded module needs it
  std::string torch_revision;         // the commit that torch was built from, 40 hexadecimal digits; empty: unknown
  // Those that torch loads as backends by itself (entry points "torch.backends"), and those of preloaded modules other
  // than torch; sorted by name.
  std::vector<PackageVersion> packages;
};

// The interpreter that python.executable means. Error: config.
Result<std::string> find_python(const Config::Python& python, const Environment& agent);

// Imports pytest and the modules of python.preload, in the environment that tests get, but without the backend that
// PyTorch loads by itself: no card is taken yet. Takes a few seconds. To be called before anything is planned.
// Error: config (no such interpreter, not a Python of 3.8 or newer, no pytest of 7 or newer), infra (a module cannot
// be imported: which one is missing, or the first lines of its error).
Result<PythonVersions> check_python(const Config::Execute& execute, const Config::Python& python,
                                    const Environment& agent, Seconds time_limit = Seconds{120});

// The directory that holds a package, as that interpreter finds it with the tests' PYTHONPATH; the package is not
// imported. Empty when it is not found, or the interpreter cannot be asked.
std::filesystem::path directory_of_package(const std::string& package, const Config::Execute& execute,
                                           const Config::Python& python, const Environment& agent);

}  // namespace spyre::execute
