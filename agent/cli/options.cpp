// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/options.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace spyre::cli {

Option& Option::type_name(const std::string& name) {
  m_option->type_name(name);
  return *this;
}

Option& Option::required() {
  m_option->required();
  return *this;
}

Option& Option::show_default() {
  m_option->capture_default_str();
  return *this;
}

Option& Option::excludes(const Option& other) {
  m_option->excludes(other.m_option);
  return *this;
}

Option& Option::from_variable(const std::string& name) {
  m_option->envname(name);
  return *this;
}

Option& Option::one_value_each() {
  m_option->allow_extra_args(false);
  return *this;
}

Option& Option::not_negative() {
  m_option->check(CLI::NonNegativeNumber);
  return *this;
}

Command Command::add_command(const std::string& name, const std::string& what) {
  m_app->require_subcommand(1);
  return {*m_app->add_subcommand(name, what), *m_chosen};
}

template <class T>
Option Command::add_option(const std::string& name, T& target, const std::string& what) {
  return Option(*m_app->add_option(name, target, what));
}

template Option Command::add_option(const std::string&, std::string&, const std::string&);
template Option Command::add_option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<std::string>&, const std::string&);
template Option Command::add_option(const std::string&, int&, const std::string&);
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::add_option(const std::string&, double&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<double>&, const std::string&);

Option Command::add_flag(const std::string& name, bool& target, const std::string& what) {
  return Option(*m_app->add_flag(name, target, what));
}

void Command::footer(const std::string& text) {
  m_app->footer(text);
}

void Command::act(Action action) {
  m_app->callback([chosen = m_chosen, action = std::move(action)] { *chosen = action; });
}

}  // namespace spyre::cli
