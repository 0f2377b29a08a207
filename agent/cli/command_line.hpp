// SPDX-License-Identifier: Apache-2.0
// Credentials in arguments: everybody on the machine can read those of a process (/proc/<pid>/cmdline).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spyre::cli {

// The arguments, kept where only this process sees them; the originals are overwritten where they hold credentials.
class CommandLine {
 public:
  CommandLine(int argc, char** argv);
  int count() const { return static_cast<int>(m_arguments.size()); }
  char** arguments() { return m_pointers.data(); }

 private:
  std::vector<std::string> m_arguments;
  std::vector<char*> m_pointers;  // with a final nullptr
};

// Whether an argument holds a credential: a setting or a NAME=VALUE whose name says so, or a URL with a password.
bool has_credential(std::string_view argument);

}  // namespace spyre::cli
