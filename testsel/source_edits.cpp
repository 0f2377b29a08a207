// SPDX-License-Identifier: Apache-2.0
#include "testsel/source_edits.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

enum class Kind { function, class_, module };
using Key = std::pair<Kind, std::string>;
using Parts = std::map<Key, std::string>;

template <typename Definition>
int first_line(const Definition& definition) {
  int first = definition.line;
  for (const python::Decorator& decorator : definition.decorators) first = std::min(first, decorator.line);
  return first;
}

// The owner of each line: the innermost definition around it.
class Owners {
 public:
  explicit Owners(std::size_t lines) : m_owners(lines, Key{Kind::module, {}}) {}
  template <typename Definition>
  void give(const Definition& definition, const Key& key) {
    const auto first = static_cast<std::size_t>(std::max(first_line(definition), 1)) - 1;
    const auto last = std::min(static_cast<std::size_t>(std::max(definition.end_line, 0)), m_owners.size());
    for (std::size_t i = first; i < last; ++i) m_owners[i] = key;
  }
  const Key& of(std::size_t line) const { return m_owners[line]; }

 private:
  std::vector<Key> m_owners;
};

// The text of each definition without that of the definitions in it.
Parts parts_of(const python::Module& module) {
  const std::vector<std::string_view> lines = split(*module.source, '\n');
  Owners owners(lines.size());
  Parts parts{{{Kind::module, {}}, {}}};
  for (const python::Class& one : module.classes) {  // outer classes come before inner ones
    const Key key{Kind::class_, std::string(one.name)};
    parts[key];
    owners.give(one, key);
  }
  const auto give = [&](const python::Function& function, std::string name) {
    const Key key{Kind::function, std::move(name)};
    parts[key];
    owners.give(function, key);
  };
  for (const python::Class& one : module.classes) {
    for (const python::Function& function : one.functions) {
      give(function, std::string(one.name) + "." + std::string(function.name));
    }
  }
  for (const python::Function& function : module.functions) give(function, std::string(function.name));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view bare = trim(lines[i]);
    if (bare.empty() || bare.front() == '#') continue;
    const auto end = static_cast<std::size_t>(bare.data() + bare.size() - lines[i].data());
    parts[owners.of(i)].append(lines[i].substr(0, end)).append("\n");
  }
  return parts;
}

void add(SourceEdits& edits, const Key& key) {
  switch (key.first) {
    case Kind::function:
      edits.functions.insert(key.second);
      break;
    case Kind::class_:
      edits.classes.insert(key.second);
      break;
    case Kind::module:
      edits.elsewhere = true;
      break;
  }
}

// Return the definition that contains another one.
Key around(const Key& key) {
  const std::size_t dot = key.second.rfind('.');
  if (dot == std::string::npos) return {Kind::module, {}};
  return {Kind::class_, key.second.substr(0, dot)};
}

}  // namespace

SourceEdits source_edits(const python::Module& before, const python::Module& after) {
  const Parts old = parts_of(before), now = parts_of(after);
  SourceEdits edits;
  for (const auto& [key, text] : now) {
    const auto was = old.find(key);
    if (was == old.end() || was->second != text) add(edits, key);
  }
  for (const auto& [key, text] : old) {
    if (!now.contains(key)) add(edits, around(key));
  }
  return edits;
}

SourceEdits all_of(const python::Module& module) {
  SourceEdits edits;
  for (const auto& [key, text] : parts_of(module)) add(edits, key);
  return edits;
}

}  // namespace spyre::testsel
