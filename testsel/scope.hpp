// SPDX-License-Identifier: Apache-2.0
// The scope: which tests count at all. A list of rules, each with a reason, over facts in a test's source.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

// The rules of pipelines/scope.yaml, which explains how they are written.
class Scope {
 public:
  struct Rule {
    std::string name;    // "cuda-decorators": unique
    std::string reason;  // "gpu"; empty for a rule that includes
    std::string note;    // why, for people
    std::string where;   // "pipelines/scope.yaml:12:5"
    // Files of a build without which the tests cannot run, any of them: the rule applies if none of them exists.
    std::vector<std::string> artefacts;
    bool includes() const { return reason.empty(); }
  };

  // Parse the rules. `origin` names the text in errors. Error: config, "file:line:column: …".
  static Result<Scope> parse(std::string_view text, std::string_view origin);
  // Return the rules that include first, because they win; then the others in the order of the file.
  const std::vector<Rule>& rules() const;
  // Return the same scope without the rules of which an artefact exists. Calls `is_there` for each path.
  Scope with_artefacts(const std::function<bool(const std::string& path)>& is_there) const;
  // Return whether the rule is switched off.
  bool is_off(std::size_t rule) const { return m_off.contains(rule); }

  struct Compiled;
  const Compiled& compiled() const { return *m_compiled; }

 private:
  explicit Scope(std::shared_ptr<const Compiled> compiled) : m_compiled(std::move(compiled)) {}
  std::shared_ptr<const Compiled> m_compiled;
  std::set<std::size_t> m_off;
};

// The decisions of the scope for a whole inventory. A rule is given by its index in Scope::rules().
struct Rulings {
  static constexpr int no_rule = -1;
  struct File {
    std::vector<int> tests;       // the rule that decides, in the order of TestFile::tests; no_rule: in scope
    std::vector<int> generators;  // in the order of TestFile::generators
  };
  std::vector<File> files;           // as in the inventory
  std::vector<std::size_t> applies;  // by rule: its tests and generators, whether it decides or not
};

Rulings judge(const Inventory& inventory, const Scope& scope);
bool in_scope(const Scope& scope, int ruling);

struct Decision {
  bool in_scope = true;
  std::string reason;                 // "training"; empty when in scope
  std::string rule;                   // the rule that decided; empty when none applies
  std::string note;                   // that rule's
  std::string where;                  // that rule's place
  std::vector<std::string> evidence;  // "decorator onlyCUDA, line 40"; one for each key of the rule
};

struct Fact {
  std::string kind;  // a key of the rules
  std::string text;
  int line = 0;         // 0: of the file as a whole
  std::string through;  // the helper through which the test reaches it; empty if it is its own
};

struct Explanation {
  std::string id;
  Decision decision;
  std::vector<Fact> facts;  // all facts that rules can match
};

// Explain the decision for one test or generator of the file, by its id. Agrees with judge(), but is slower: for
// people.
Explanation explain(const TestFile& file, const std::string& id, const Scope& scope);

}  // namespace spyre::testsel
