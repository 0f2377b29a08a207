// SPDX-License-Identifier: Apache-2.0
#include "agent/core/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre {
namespace {

constexpr std::string_view tests_environment = "execute.environment.set";
constexpr std::size_t shortest_value = 8;

// Match whole words of a name: SSH_AUTH_SOCK is a secret, AUTHOR is not.
constexpr std::array secret_words{"AUTH", "COOKIE",  "COOKIES", "KEYS",    "PASS",
                                  "PAT",  "PRIVATE", "TOKENS",  "SECRETS", "CREDENTIALS"};
// Match the ends of words too: PGPASSWORD, MYTOKEN.
constexpr std::array<std::string_view, 7> secret_endings{"TOKEN",      "SECRET",     "PASSWORD", "PASSWD",
                                                         "PASSPHRASE", "CREDENTIAL", "APIKEY"};
// Variables of the CI: their values are not secret as such, but tests must not get them.
constexpr std::array controllers_own{"JENKINS_*",  "HUDSON_*",      "ACTIONS_*",   "AWS_*",
                                     "KUBECONFIG", "DOCKER_CONFIG", "GIT_ASKPASS", "NETRC"};

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : upper(name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool is_secret_word(const std::string& word) {
  return std::find(secret_words.begin(), secret_words.end(), word) != secret_words.end() ||
         std::any_of(secret_endings.begin(), secret_endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

// Words that mark a secret only beside other words: PWD is a directory, a "key" alone may be that of a dictionary.
bool is_secret_beside_others(const std::string& word) {
  return word == "KEY" || word == "PWD";
}

bool is_secret_setting(std::string_view setting, std::string_view key) {
  if (key == tests_environment) {  // {NAME: value, …}
    std::string name;
    for (const char c : std::string(setting.substr(key.size())) + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
        name += c;
      } else if (is_secret(std::exchange(name, {}))) {
        return true;
      }
    }
    return false;
  }
  if (key.starts_with(tests_environment)) return is_secret(key.substr(tests_environment.size() + 1));
  // In the configuration's own keys only whole words count: relay.failed_tests_key is not a secret.
  return std::ranges::any_of(words_of(key), is_secret_word);
}

std::string_view key_of(std::string_view setting) {
  return setting.substr(0, setting.find('='));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

constexpr std::string_view ends_of_urls = " \t\n'\"<>`";

std::string_view scheme_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && std::isalnum(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
  return text.substr(begin, at - begin);
}

// In the query of a URL that begins at `at`: ?password=…, as PostgreSQL takes it.
void hide_parameters(std::string& text, std::size_t at) {
  const std::size_t end = std::min(text.find_first_of(ends_of_urls, at), text.size());
  std::size_t begin = text.find('?', at);
  std::string query;
  if (begin >= end) return;
  for (const std::string_view parameter : split(std::string_view(text).substr(begin + 1, end - begin - 1), '&')) {
    const std::string_view name = parameter.substr(0, parameter.find('='));
    query += query.empty() ? "?" : "&";
    query += is_secret(name) && name.size() < parameter.size() ? fmt::format("{}={}", name, hidden_value)
                                                               : std::string(parameter);
  }
  text.replace(begin, end - begin, query);
}

}  // namespace

bool is_secret(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  return std::ranges::any_of(words, is_secret_word) ||
         (words.size() > 1 && std::ranges::any_of(words, is_secret_beside_others));
}

bool is_withheld(std::string_view name) {
  return is_secret(name) || std::any_of(controllers_own.begin(), controllers_own.end(),
                                        [name = upper(name)](auto pattern) { return glob_match(pattern, name); });
}

std::string public_setting(std::string_view setting) {
  const std::string_view key = key_of(setting);
  if (key.size() == setting.size()) return std::string(setting);
  if (is_secret_setting(setting, key)) return fmt::format("{}={}", key, hidden_value);
  return fmt::format("{}={}", key, hide_secrets(setting.substr(key.size() + 1)));
}

std::string without_credentials(std::string_view given, std::string_view mark) {
  std::string text(given);
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t start = at + 3;
    const std::size_t end = std::min(text.find_first_of(fmt::format("/?#{}", ends_of_urls), start), text.size());
    const std::size_t sign = std::string_view(text).substr(0, end).rfind('@');
    if (sign != std::string::npos && sign >= start) {
      const bool is_user = !upper(scheme_before(text, at)).starts_with("HTTP") && text.find(':', start) > sign;
      if (!is_user) text.replace(start, sign + 1 - start, mark.empty() ? "" : fmt::format("{}@", mark));
    }
    hide_parameters(text, start);
  }
  return text;
}

void Secrets::add(std::string_view value) {
  value = trim(value);
  if (value.size() < shortest_value || value == hidden_value) return;
  std::error_code ignored;
  if (value.starts_with('/') && std::filesystem::exists(value, ignored)) return;
  if (std::find(m_values.begin(), m_values.end(), value) != m_values.end()) return;
  m_values.emplace_back(value);
  // Longest first, because a value may begin with another one.
  std::stable_sort(m_values.begin(), m_values.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void Secrets::add_variables(const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) {
    if (is_secret(name)) add(value);
  }
}

void Secrets::add_setting(std::string_view setting) {
  const std::string_view key = key_of(setting);
  if (key.size() < setting.size() && is_secret_setting(setting, key)) add(setting.substr(key.size() + 1));
}

std::string Secrets::hide(std::string_view given) const {
  std::string text(given);
  for (const std::string& value : m_values) replace_all(text, value, hidden_value);
  return text.find("://") == std::string::npos ? text : without_credentials(text, hidden_value);
}

Secrets& known_secrets() {
  static Secrets secrets;
  return secrets;
}

std::string hide_secrets(std::string_view text) {
  return known_secrets().hide(text);
}

}  // namespace spyre
