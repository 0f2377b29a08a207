// SPDX-License-Identifier: Apache-2.0
// Hides credentials in arguments, because all users of the machine can read the arguments of a process
// (/proc/<pid>/cmdline).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spyre::cli {

// A private copy of the arguments. Originals with credentials are overwritten.
class CommandLine {
 public:
  CommandLine(int argc, char** argv);
  int count() const { return static_cast<int>(m_arguments.size()); }
  char** arguments() { return m_pointers.data(); }

 private:
  std::vector<std::string> m_arguments;
  std::vector<char*> m_pointers;  // with a final nullptr
};

// Return whether an argument has a credential: a setting or NAME=VALUE with a secret name, or a URL with a password.
bool has_credential(std::string_view argument);

}  // namespace spyre::cli
