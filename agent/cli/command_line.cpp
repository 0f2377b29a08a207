// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"

#include <algorithm>
#include <cstring>

#include "agent/core/secrets.hpp"

namespace spyre::cli {
namespace {

constexpr std::string_view set_option = "--set=";

std::string without_secrets(std::string_view argument) {
  const std::string_view option = argument.starts_with(set_option) ? set_option : std::string_view();
  const std::string shown = public_setting(argument.substr(option.size()));
  return without_credentials(std::string(option) + shown, hidden_value);
}

void overwrite(char* argument) {
  const std::string_view text = argument;
  const std::string shown = without_secrets(text);
  if (shown == text) return;
  const std::size_t shorter = std::min(text.size(), shown.size());
  std::size_t head = 0, tail = 0;
  while (head < shorter && text[head] == shown[head]) ++head;
  while (tail < shorter - head && text[text.size() - 1 - tail] == shown[shown.size() - 1 - tail]) ++tail;
  std::memset(argument + head, '*', text.size() - head - tail);
}

}  // namespace

CommandLine::CommandLine(int argc, char** argv) : m_arguments(argv, argv + argc) {
  for (std::string& argument : m_arguments) m_pointers.push_back(argument.data());
  m_pointers.push_back(nullptr);
  for (int i = 1; i < argc; ++i) overwrite(argv[i]);
}

bool has_credential(std::string_view argument) {
  return without_secrets(argument) != argument;
}

}  // namespace spyre::cli
