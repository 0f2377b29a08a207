// SPDX-License-Identifier: Apache-2.0
// The one policy for secrets: which names hold a secret, which values are secret, and what is written in their place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spyre {

// The text that replaces a secret. It is refused as the value of a setting: the real value has to be given.
inline constexpr std::string_view hidden_value = "***";

// Return whether a variable holds a credential, by the words of its name: GITHUB_PAT, DEPLOY_KEY, REGISTRY_AUTH,
// PGPASSWORD.
bool is_secret(std::string_view name);
// Return whether a variable of the agent is kept from tests: a secret, or one of Jenkins or the CI (JENKINS_URL,
// KUBECONFIG).
bool is_withheld(std::string_view name);
// Return the setting "key=value" in a form that may be written down. A variable for the tests
// (execute.environment.set.NAME) is judged by its own name.
std::string public_setting(std::string_view setting);

// Replace "user:password@" of URLs, and secret parameters of their queries, with `mark`. A user name alone is a
// credential with http and https only: "ssh://git@host" stays.
std::string without_credentials(std::string_view text, std::string_view mark = {});

// Secret values, which are hidden wherever they occur in a text.
class Secrets {
 public:
  // Add a value. Short values and names of existing files are ignored: hiding them would spoil texts and protect
  // nothing.
  void add(std::string_view value);
  // Add the values of variables whose names mark them as secrets.
  void add_variables(const std::map<std::string, std::string>& variables);
  // Add the value of "key=value" if the key marks it as a secret.
  void add_setting(std::string_view setting);
  // Return `text` with hidden_value in place of these values and of credentials in URLs.
  std::string hide(std::string_view text) const;

 private:
  std::vector<std::string> m_values;  // longest first
};

// Return the secrets of this process: filled when it starts, used by everything that writes text.
Secrets& known_secrets();
// Return known_secrets().hide(text).
std::string hide_secrets(std::string_view text);

}  // namespace spyre
