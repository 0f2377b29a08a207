// SPDX-License-Identifier: Apache-2.0
// Explains why a test is in scope or out of it, in the words of its source.
#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "testsel/scope_rules.hpp"

namespace spyre::testsel {
namespace {

struct KindOfFact {
  FactKind kind;
  Fact fact;
};

// Facts as they are shown: each once, and a decorator only as written.
class FactList {
 public:
  FactVisitor visitor(std::string through = {}) {
    return [this, through = std::move(through)](FactKind kind, std::string_view text, int line) {
      if (!m_seen.emplace(kind, std::string(text)).second) return;
      m_facts.push_back({kind, Fact{std::string(name_of(kind)), std::string(text), line, through}});
    };
  }
  const std::vector<KindOfFact>& facts() const { return m_facts; }

 private:
  std::vector<KindOfFact> m_facts;
  std::set<std::pair<FactKind, std::string>> m_seen;
};

// Return the calls of the test, then those of its helpers, nearest first.
void list_calls(const FileFacts& facts, const Test& test, FactList& list) {
  facts.visit_calls(*test.function, list.visitor());
  std::set<const python::Function*> seen{test.function};
  std::deque<std::pair<const python::Class*, const python::Function*>> next{{test.owner, test.function}};
  for (; !next.empty(); next.pop_front()) {
    const auto [owner, function] = next.front();
    for (const python::Function* helper : facts.helpers(owner, *function)) {
      if (!seen.insert(helper).second) continue;
      facts.visit_calls(*helper, list.visitor(std::string(helper->name)));
      next.emplace_back(facts.owner_of(*helper), helper);
    }
  }
}

// Return the libraries that the functions which set up the class load, and those of their helpers.
void list_set_up(const FileFacts& facts, const python::Class* owner, FactList& list) {
  std::vector<const python::Function*> functions = facts.set_up(owner);
  for (std::size_t i = 0; i < functions.size(); ++i) {
    facts.visit_set_up(*functions[i], list.visitor(std::string(functions[i]->name)));
    for (const python::Function* helper : facts.helpers(owner, *functions[i])) {
      if (std::ranges::find(functions, helper) == functions.end()) functions.push_back(helper);
    }
  }
}

FactList facts_of(const TestFile& file, const std::string& id, const Test* test) {
  const FileFacts facts(file.path, file.module.get());
  FactList list;
  facts.visit_file(list.visitor());
  list.visitor()(FactKind::id, id, 0);
  const python::Class* made = test != nullptr ? nullptr : facts.class_of(id);
  if (made != nullptr) facts.visit_class(*made, list.visitor());
  if (test == nullptr) return list;

  const Lender* lender = test->lender;
  const FileFacts written = lender == nullptr ? facts : FileFacts(lender->path, lender->module.get());
  if (test->owner != nullptr) written.visit_class(*test->owner, list.visitor());
  written.visit_function(*test->function, list.visitor());
  list_calls(written, *test, list);
  list_set_up(written, test->owner, list);
  const auto runners = file.runners.find(test->owner);
  if (runners == file.runners.end()) return list;
  for (const python::Class* runner : runners->second) {
    if (runner == nullptr) continue;
    facts.visit_class(*runner, list.visitor(std::string(runner->name)));
    list_set_up(facts, runner, list);
  }
  return list;
}

std::string describe(const Fact& fact) {
  std::string text = fmt::format("{} {}", fact.kind, fact.text);
  if (!fact.through.empty()) text += fmt::format(" in {}", fact.through);
  if (fact.line > 0) text += fmt::format(", line {}", fact.line);
  return text;
}

// For each key of the rule return the first fact that one of its patterns matches.
std::vector<std::string> evidence_for(const Scope::Compiled& scope, std::size_t rule,
                                      const std::vector<KindOfFact>& facts) {
  std::vector<std::string> evidence;
  for (std::size_t condition = 0; condition < scope.kinds.size(); ++condition) {
    if (!scope.needs[rule].all_of.test(condition)) continue;
    const auto found = std::find_if(facts.begin(), facts.end(), [&](const KindOfFact& fact) {
      return scope.table(fact.kind).match(fact.fact.text).test(condition);
    });
    if (found != facts.end()) evidence.push_back(describe(found->fact));
  }
  return evidence;
}

}  // namespace

Explanation explain(const TestFile& file, const std::string& id, const Scope& scope) {
  const auto test = std::find_if(file.tests.begin(), file.tests.end(), [&](const Test& t) { return t.id == id; });
  const auto generator = std::find(file.generators.begin(), file.generators.end(), id);
  const bool is_test = test != file.tests.end();

  Explanation explanation{.id = id, .decision = {}, .facts = {}};
  const FactList list = facts_of(file, id, is_test ? &*test : nullptr);
  for (const KindOfFact& fact : list.facts()) {
    if (fact.kind != FactKind::decorator_name) explanation.facts.push_back(fact.fact);
  }

  const Rulings rulings = judge(Inventory{.revision = {}, .files = {file}}, scope);
  const Rulings::File& decided = rulings.files.front();
  const int ruling = is_test ? decided.tests.at(static_cast<std::size_t>(test - file.tests.begin()))
                     : generator == file.generators.end()
                         ? Rulings::no_rule
                         : decided.generators.at(static_cast<std::size_t>(generator - file.generators.begin()));
  if (ruling == Rulings::no_rule) return explanation;
  const auto index = static_cast<std::size_t>(ruling);
  const Scope::Rule& rule = scope.rules()[index];
  explanation.decision = {.in_scope = rule.includes(),
                          .reason = rule.reason,
                          .rule = rule.name,
                          .note = rule.note,
                          .where = rule.where,
                          .evidence = evidence_for(scope.compiled(), index, list.facts())};
  return explanation;
}

}  // namespace spyre::testsel
