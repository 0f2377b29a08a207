// SPDX-License-Identifier: Apache-2.0
// Finds a Python that can run tests and checks it.
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
  std::string executable;             // its path
  std::string python, pytest, torch;  // torch: empty if no preloaded module needs it
  std::string torch_revision;         // the commit that torch was built from, 40 hexadecimal digits; empty: unknown
  // Packages that torch loads as backends by itself (entry points "torch.backends"), and those of preloaded modules
  // other than torch; sorted by name.
  std::vector<PackageVersion> packages;
};

// Return the interpreter that python.executable names. Error: config.
Result<std::string> find_python(const Config::Python& python, const Environment& agent);

// Import pytest and the modules of python.preload, in the environment of tests but without the backend that PyTorch
// loads by itself: no card is leased yet. Takes a few seconds. Call it before anything is planned.
// Error: config (interpreter not found, not a Python of 3.8 or newer, no pytest of 7 or newer), infra (a module cannot
// be imported: the message says which one is missing, or gives the first lines of its error).
Result<PythonVersions> check_python(const Config::Execute& execute, const Config::Python& python,
                                    const Environment& agent, Seconds time_limit = Seconds{120});

// Return the directory that holds a package, as that interpreter finds it with the tests' PYTHONPATH; the package is
// not imported. Empty if it is not found, or if the interpreter cannot be run.
std::filesystem::path directory_of_package(const std::string& package, const Config::Execute& execute,
                                           const Config::Python& python, const Environment& agent);

}  // namespace spyre::execute
