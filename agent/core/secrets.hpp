// SPDX-License-Identifier: Apache-2.0
// The one policy for secrets: which names hold one, which values are one, and what is written in their place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spyre {

// What is written down in place of a secret. As the value of a setting it is refused: the real one has to be given.
inline constexpr std::string_view hidden_value = "***";

// Whether a variable holds a credential, by the words of its name: GITHUB_PAT, DEPLOY_KEY, REGISTRY_AUTH, PGPASSWORD.
bool is_secret(std::string_view name);
// Whether tests never get a variable of the agent: a secret, or Jenkins' and the CI's own (JENKINS_URL, KUBECONFIG).
bool is_withheld(std::string_view name);
// The setting "key=value" as it may be written. A variable for the tests (execute.environment.set.NAME) is judged by
// its own name.
std::string public_setting(std::string_view setting);

// Texts with "user:password@" of URLs, and secret parameters of their queries, replaced by `mark`. A user alone is a
// credential with http and https only: "ssh://git@host" stays.
std::string without_credentials(std::string_view text, std::string_view mark = {});

// Values that are secrets, whatever text they turn up in.
class Secrets {
 public:
  // Short values and names of files that exist are left out: they would spoil texts and protect nothing.
  void add(std::string_view value);
  // Values of variables whose names say that they are secrets.
  void add_variables(const std::map<std::string, std::string>& variables);
  // The value of "key=value", when the key says that it is a secret.
  void add_setting(std::string_view setting);
  // `text` with hidden_value in place of these values, and of credentials in URLs.
  std::string hide(std::string_view text) const;

 private:
  std::vector<std::string> m_values;  // longest first
};

// Those of this process: filled when it starts, used by everything that writes text.
Secrets& known_secrets();
// known_secrets().hide().
std::string hide_secrets(std::string_view text);

}  // namespace spyre
