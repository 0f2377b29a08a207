// SPDX-License-Identifier: Apache-2.0
#include "testsel/test_classes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace spyre::testsel {
namespace {

std::string_view last_part(std::string_view dotted) {
  return dotted.substr(dotted.rfind('.') + 1);
}

// "Outer" of "Outer.Inner"; empty at module level.
std::string_view outer_part(std::string_view dotted) {
  return dotted.substr(0, std::max(dotted.rfind('.') + 1, std::size_t{1}) - 1);
}

bool is_plain_base(std::string_view base) {
  return base == "object" || base.starts_with("Generic[") || base == "ABC" || base == "abc.ABC";
}

bool names_a_test_case(std::string_view base) {
  return last_part(base.substr(0, base.find_first_of("[("))).find("Test") != std::string_view::npos;
}

bool has_init(const python::Class& one) {
  return std::any_of(one.functions.begin(), one.functions.end(), [](const auto& f) { return f.name == "__init__"; });
}

bool opts_out(const python::Class& one) {
  return std::any_of(one.attributes.begin(), one.attributes.end(),
                     [](const auto& a) { return a.name == "__test__" && a.value == "False"; });
}

std::set<std::string_view> instantiated(const python::Module& module) {
  std::set<std::string_view> names;
  for (const python::Instantiation& one : module.instantiations) names.insert(one.target);
  for (const python::Class& one : module.classes) {
    const bool decorated = std::any_of(one.decorators.begin(), one.decorators.end(),
                                       [](const auto& d) { return last_part(d.name).starts_with("instantiate_"); });
    if (decorated) names.insert(one.name);
  }
  return names;
}

struct Kin {
  Lineage lineage;
  bool test_case = false;  // unittest's
  bool plain = false;      // every base is in the tree
  bool init = false;       // somewhere
};

Kin kin_of(const std::string& path, const python::Class& one, SourceTree& tree) {
  Kin kin{tree.lineage({&path, &one})};
  const auto& foreign = kin.lineage.foreign;
  kin.test_case = std::any_of(foreign.begin(), foreign.end(), names_a_test_case);
  kin.plain = std::all_of(foreign.begin(), foreign.end(), is_plain_base);
  kin.init = std::any_of(kin.lineage.classes.begin(), kin.lineage.classes.end(),
                         [](const FoundClass& found) { return has_init(*found.definition); });
  return kin;
}

}  // namespace

bool has_tests(const python::Class& one) {
  return std::any_of(one.functions.begin(), one.functions.end(), [](const auto& f) { return is_test_name(f.name); });
}

std::vector<TestClass> test_classes(const std::string& path, const python::Module& module, SourceTree& tree) {
  const std::set<std::string_view> templates = instantiated(module);
  std::vector<TestClass> found(module.classes.size());
  std::vector<Kin> kin;
  std::map<std::string_view, std::size_t> plain_suites;  // collected, and not unittest's
  std::map<const python::Class*, std::size_t> index;
  kin.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const python::Class& one = module.classes[i];
    index[&one] = i;
    kin.push_back(kin_of(path, one, tree));
    const std::string_view outer = outer_part(one.name);
    const bool reachable = outer.empty() || plain_suites.contains(outer);
    const bool suite = last_part(one.name).starts_with("Test") && !kin[i].init;
    found[i].definition = &one;
    const bool mixin = outer.empty() && kin[i].plain && !kin[i].init && names_a_test_case(one.name);
    const bool wanted = !opts_out(one);
    found[i].collected = templates.contains(one.name) || (wanted && reachable && (kin[i].test_case || suite));
    found[i].holds = found[i].collected || (wanted && mixin);
    if (found[i].collected && !kin[i].test_case) plain_suites[one.name] = i;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].collected) continue;
    found[i].bare = true;
    for (const FoundClass& ancestor : kin[i].lineage.classes) {
      if (const auto own = index.find(ancestor.definition); own != index.end()) {
        found[own->second].holds = true;
      } else {
        found[i].borrows |= has_tests(*ancestor.definition);
      }
      found[i].bare &= !has_tests(*ancestor.definition);
    }
  }
  return found;
}

}  // namespace spyre::testsel
