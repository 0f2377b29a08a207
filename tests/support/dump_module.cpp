// SPDX-License-Identifier: Apache-2.0
// Prints what the reader of Python source finds: a JSON line for each file named on standard input.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "testsel/python/reader.hpp"

namespace spyre::testsel::python {
namespace {

nlohmann::json decorators(const std::vector<Decorator>& all) {
  auto list = nlohmann::json::array();
  for (const Decorator& one : all) {
    list.push_back({{"name", one.name}, {"arguments", one.arguments}, {"line", one.line}});
  }
  return list;
}

nlohmann::json functions(const std::vector<Function>& all) {
  auto list = nlohmann::json::array();
  for (const Function& one : all) {
    list.push_back({{"name", one.name},
                    {"line", one.line},
                    {"end_line", one.end_line},
                    {"async", one.async},
                    {"decorators", decorators(one.decorators)},
                    {"names", one.names},
                    {"calls", one.calls}});
  }
  return list;
}

nlohmann::json assignments(const std::vector<Assignment>& all) {
  auto list = nlohmann::json::array();
  for (const Assignment& one : all) list.push_back({{"name", one.name}, {"value", one.value}, {"line", one.line}});
  return list;
}

nlohmann::json document(const Module& module) {
  auto classes = nlohmann::json::array();
  for (const Class& one : module.classes) {
    classes.push_back({{"name", one.name},
                       {"line", one.line},
                       {"end_line", one.end_line},
                       {"bases", one.bases},
                       {"decorators", decorators(one.decorators)},
                       {"functions", functions(one.functions)},
                       {"attributes", assignments(one.attributes)}});
  }
  auto imports = nlohmann::json::array();
  for (const Import& one : module.imports) {
    imports.push_back({{"module", one.module},
                       {"name", one.name},
                       {"alias", one.alias},
                       {"line", one.line},
                       {"deferred", one.deferred}});
  }
  auto instantiations = nlohmann::json::array();
  for (const Instantiation& one : module.instantiations) {
    instantiations.push_back(
        {{"function", one.function}, {"target", one.target}, {"arguments", one.arguments}, {"line", one.line}});
  }
  return {{"classes", classes},
          {"functions", functions(module.functions)},
          {"assignments", assignments(module.assignments)},
          {"imports", imports},
          {"instantiations", instantiations},
          {"generates", module.generates}};
}

}  // namespace
}  // namespace spyre::testsel::python

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    nlohmann::json line;
    auto source = spyre::read_file(path);
    const auto module = source ? spyre::testsel::python::read_module(std::move(*source))
                               : tl::make_unexpected(std::move(source.error()));
    if (module) {
      line = spyre::testsel::python::document(*module);
    } else {
      line["error"] = module.error().message;
    }
    line["path"] = path;
    std::cout << spyre::dump_json(line) << '\n';
  }
}
