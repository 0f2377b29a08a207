// SPDX-License-Identifier: Apache-2.0
#include "testsel/copier.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "testsel/python/arguments.hpp"

namespace spyre::testsel {
namespace {

using python::Argument;
using python::FunctionBody;

constexpr std::string_view dict = ".__dict__";

bool takes(const FunctionBody& body, std::string_view parameter) {
  return std::ranges::find(body.parameters, parameter) != body.parameters.end();
}

std::string_view first_argument(std::string_view arguments) {
  const std::vector<Argument> all = python::split_arguments(arguments);
  return all.empty() || !all.front().keyword.empty() ? std::string_view{} : all.front().value;
}

struct Enumerated {
  std::string_view parameter;
  bool inherited = false;
};

// Return the parameter whose attributes the function iterates over.
std::optional<Enumerated> enumerated(const FunctionBody& body) {
  for (const FunctionBody::Call& call : body.calls) {
    const bool all = call.callee == "dir" || call.callee.ends_with("getmembers");
    if (!all && call.callee != "vars") continue;
    if (const auto of = first_argument(call.arguments); takes(body, of)) return Enumerated{of, all};
  }
  for (const std::string_view name : body.names) {
    const std::string_view of = name.substr(0, name.find('.'));
    if (name.substr(of.size()).starts_with(dict) && takes(body, of)) return Enumerated{of, false};
  }
  return std::nullopt;
}

// Return the target of setattr().
std::vector<std::string_view> set_on(const FunctionBody& body) {
  std::vector<std::string_view> targets;
  for (const FunctionBody::Call& call : body.calls) {
    if (call.callee == "setattr") targets.push_back(first_argument(call.arguments));
  }
  return targets;
}

}  // namespace

std::string_view scope_of(const FunctionBody& body) {
  constexpr std::string_view itself = "globals()";
  for (const FunctionBody::Assigned& one : body.assignments) {
    const std::string_view object = one.target.substr(0, one.target.find('['));
    if (object.size() == one.target.size()) continue;
    if (object == itself || takes(body, object)) return object;
  }
  const auto targets = set_on(body);
  const bool module = std::ranges::any_of(targets, [](auto target) { return target.starts_with("sys.modules["); });
  return module ? itself : std::string_view{};
}

std::string_view source_of_type(std::string_view arguments) {
  const std::vector<Argument> all = python::split_arguments(arguments);
  if (all.size() != 3) return {};
  const python::CallText call = python::split_call(all.back().value);
  const std::string_view of = call.callee == "dict" ? first_argument(call.arguments) : all.back().value;
  return of.ends_with(dict) ? of.substr(0, of.size() - dict.size()) : std::string_view{};
}

Copier copier_of(const FunctionBody& body) {
  Copier copier;
  for (const FunctionBody::Local& local : body.classes) {
    for (const Argument& base : python::split_arguments(local.bases)) {
      if (takes(body, base.value)) {
        copier.source = base.value;
        copier.inherited = true;
        copier.scope = scope_of(body);
        return copier;
      }
    }
  }
  for (const FunctionBody::Call& call : body.calls) {
    const std::string_view source = call.callee == "type" ? source_of_type(call.arguments) : std::string_view{};
    if (source.empty()) continue;
    (takes(body, source) ? copier.source : copier.fixed) = source;
    copier.scope = scope_of(body);
    return copier;
  }
  const std::vector<std::string_view> targets = set_on(body);
  const auto from = enumerated(body);
  for (const std::string_view target : targets) {
    const bool given = takes(body, target);
    if (from && target != from->parameter) {
      copier = {from->parameter, {}, given ? target : std::string_view{}, {}, from->inherited, {}};
      if (!given) copier.scope = scope_of(body);
      return copier;
    }
    if (given) copier.sets = target;
  }
  return copier;
}

}  // namespace spyre::testsel
