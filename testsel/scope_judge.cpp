// SPDX-License-Identifier: Apache-2.0
// Applies the rules: facts of a file once for the file, facts of a class once for the class.
#include <algorithm>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/core/parallel.hpp"
#include "testsel/scope_rules.hpp"

namespace spyre::testsel {
namespace {

using Memos = std::vector<PatternMemo>;  // by kind of fact

// Collects the conditions that the visited facts satisfy.
class Collector {
 public:
  explicit Collector(Memos& memos) : m_memos(&memos) {}

  FactVisitor visitor() {
    return [this](FactKind kind, std::string_view text, int) {
      const Conditions conditions = m_memos->at(static_cast<std::size_t>(kind)).match(text);
      // "Only for cuda" is true for a class if it is true for all of its devices.
      if (kind == FactKind::only_for) {
        m_all_devices = m_any_device ? m_all_devices & conditions : conditions;
        m_any_device = true;
      } else {
        m_conditions |= conditions;
      }
    };
  }
  Conditions conditions() const { return m_conditions | m_all_devices; }

 private:
  Memos* m_memos;
  Conditions m_conditions, m_all_devices;
  bool m_any_device = false;
};

// The conditions of everything in one file.
class FileJudge {
 public:
  // The path outlives this object, and so does the module, which may be nullptr.
  FileJudge(const std::string& path, const python::Module* module, Memos& memos)
      : m_facts(path, module), m_memos(&memos) {
    m_of_file = collect([&](const FactVisitor& visit) { m_facts.visit_file(visit); });
    if (module != nullptr) learn_calls(*module);
  }

  const Conditions& of_file() const { return m_of_file; }
  Conditions of_id(std::string_view id) { return match(FactKind::id, id); }

  Conditions of_function(const python::Class* owner, const python::Function& function) {
    Conditions conditions = of_set_up(owner);
    if (owner != nullptr) conditions |= of_class(*owner);
    conditions |= collect([&](const FactVisitor& visit) { m_facts.visit_function(function, visit); });
    const auto calls = m_calls.find(&function);
    return calls == m_calls.end() ? conditions : conditions | calls->second;
  }

  // The conditions of each class; nullptr stands for an unknown class.
  Conditions of_all(const std::vector<const python::Class*>& classes) {
    Conditions conditions;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const Conditions one = classes[i] == nullptr ? Conditions{} : of_class(*classes[i]) | of_set_up(classes[i]);
      conditions = i == 0 ? one : conditions & one;
    }
    return conditions;
  }

  Conditions of_generator(const std::string& unit) {
    const python::Class* owner = m_facts.class_of(unit);
    const Conditions conditions = m_of_file | of_id(unit) | of_set_up(owner);
    return owner == nullptr ? conditions : conditions | of_class(*owner);
  }

 private:
  template <typename Visit>
  Conditions collect(Visit visit) {
    Collector collector(*m_memos);
    visit(collector.visitor());
    return collector.conditions();
  }

  Conditions match(FactKind kind, std::string_view text) {
    return m_memos->at(static_cast<std::size_t>(kind)).match(text);
  }

  const Conditions& of_class(const python::Class& owner) {
    const auto [entry, is_new] = m_of_class.try_emplace(&owner);
    if (is_new) entry->second = collect([&](const FactVisitor& visit) { m_facts.visit_class(owner, visit); });
    return entry->second;
  }

  const Conditions& of_set_up(const python::Class* owner) {
    const auto [entry, is_new] = m_of_set_up.try_emplace(owner);
    if (!is_new) return entry->second;
    std::vector<const python::Function*> functions = m_facts.set_up(owner);
    for (std::size_t i = 0; i < functions.size(); ++i) {
      entry->second |= collect([&](const FactVisitor& visit) { m_facts.visit_set_up(*functions[i], visit); });
      for (const python::Function* helper : m_facts.helpers(owner, *functions[i])) {
        if (std::ranges::find(functions, helper) == functions.end()) functions.push_back(helper);
      }
    }
    return entry->second;
  }

  // The calls of a helper count for all of its callers, at any depth.
  void learn_calls(const python::Module& module) {
    std::vector<std::pair<Conditions*, const Conditions*>> edges;  // caller, helper
    const auto learn = [&](const python::Class* owner, const python::Function& function) {
      Conditions& calls = m_calls[&function];
      calls |= collect([&](const FactVisitor& visit) { m_facts.visit_calls(function, visit); });
      for (const python::Function* helper : m_facts.helpers(owner, function))
        edges.emplace_back(&calls, &m_calls[helper]);
    };
    for (const python::Function& function : module.functions) learn(nullptr, function);
    for (const python::Class& owner : module.classes) {
      for (const python::Function& method : owner.functions) learn(&owner, method);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [caller, helper] : edges) {
        const Conditions before = *caller;
        *caller |= *helper;
        changed = changed || *caller != before;
      }
    }
  }

  FileFacts m_facts;
  Memos* m_memos;
  Conditions m_of_file;
  std::unordered_map<const python::Class*, Conditions> m_of_class;
  std::unordered_map<const python::Class*, Conditions> m_of_set_up;
  std::unordered_map<const python::Function*, Conditions> m_calls;
};

// Every n-th file, so that each thread has its own memo of patterns.
class Stripe {
 public:
  Stripe(const Inventory& inventory, const Scope& scope, std::size_t first, std::size_t step)
      : m_inventory(inventory), m_scope(scope), m_first(first), m_step(step), m_applies(scope.rules().size()) {}

  void judge(std::vector<Rulings::File>& decided) {
    const auto& tables = m_scope.compiled().tables;
    Memos memos(tables.begin(), tables.end());
    for (std::size_t f = m_first; f < m_inventory.files.size(); f += m_step) {
      const TestFile& file = m_inventory.files[f];
      FileJudge judge(file.path, file.module.get(), memos);
      for (const Test& test : file.tests) decided[f].tests.push_back(rule_on(conditions_of(test, file, judge, memos)));
      for (const std::string& unit : file.generators) {
        decided[f].generators.push_back(rule_on(judge.of_generator(unit)));
      }
    }
  }
  const std::vector<std::size_t>& applies() const { return m_applies; }

 private:
  Conditions conditions_of(const Test& test, const TestFile& file, FileJudge& judge, Memos& memos) {
    FileJudge& written = test.lender == nullptr ? judge : judge_of(*test.lender, memos);
    Conditions conditions = judge.of_file() | judge.of_id(test.id) | written.of_function(test.owner, *test.function);
    const auto runners = file.runners.find(test.owner);
    return runners == file.runners.end() ? conditions : conditions | judge.of_all(runners->second);
  }

  // Several files run tests of the same lender.
  FileJudge& judge_of(const Lender& lender, Memos& memos) {
    return m_lenders.try_emplace(lender.module.get(), lender.path, lender.module.get(), memos).first->second;
  }

  int rule_on(const Conditions& conditions) {
    int decisive = Rulings::no_rule;
    const auto& needs = m_scope.compiled().needs;
    for (std::size_t rule = 0; rule < needs.size(); ++rule) {
      if (!needs[rule].met_by(conditions) || m_scope.is_off(rule)) continue;
      ++m_applies[rule];
      if (decisive == Rulings::no_rule) decisive = static_cast<int>(rule);
    }
    return decisive;
  }

  const Inventory& m_inventory;
  const Scope& m_scope;
  std::size_t m_first, m_step;
  std::vector<std::size_t> m_applies;
  std::map<const python::Module*, FileJudge> m_lenders;
};

}  // namespace

Rulings judge(const Inventory& inventory, const Scope& scope) {
  constexpr std::size_t most_threads = 4;  // each thread matches every text again: more threads do not pay
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most_threads);
  std::vector<Stripe> stripes;
  for (std::size_t i = 0; i < threads; ++i) stripes.emplace_back(inventory, scope, i, threads);
  Rulings rulings;
  rulings.files.resize(inventory.files.size());
  parallel_for(threads, [&](std::size_t i) { stripes[i].judge(rulings.files); });
  rulings.applies.resize(scope.rules().size());
  for (const Stripe& stripe : stripes) {
    for (std::size_t rule = 0; rule < rulings.applies.size(); ++rule) rulings.applies[rule] += stripe.applies()[rule];
  }
  return rulings;
}

}  // namespace spyre::testsel
