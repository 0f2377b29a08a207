// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/cases.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace spyre::junit {
namespace {

using Memory = std::pmr::monotonic_buffer_resource;

// The texts one after the other, at a stable address.
const char* copied(std::initializer_list<std::string_view> texts, Memory& memory) {
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  auto* const begin = static_cast<char*>(memory.allocate(size, alignof(char)));
  char* to = begin;
  for (const std::string_view text : texts) to = std::copy(text.begin(), text.end(), to);
  return begin;
}

std::string_view cut(std::string_view text) {
  return text.substr(0, std::numeric_limits<std::uint32_t>::max());
}

std::uint32_t size_of(std::string_view text) {
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

void Cases::add(const Case& added) {
  auto& [memory, class_names, entries] = *m_storage;
  if (class_names.empty() || class_names.back().name != added.classname || class_names.back().file != added.file) {
    const char* const texts = copied({added.file, added.classname}, memory);
    class_names.push_back({{texts, added.file.size()}, {texts + added.file.size(), added.classname.size()}});
  }
  const std::string_view name = cut(added.name), message = cut(added.message), details = cut(added.details);
  Entry& entry = entries.emplace_back();
  entry.texts = copied({name, message, details}, memory);
  entry.time_s = added.time_s;
  entry.name = size_of(name);
  entry.message = size_of(message);
  entry.details = size_of(details);
  entry.class_name = static_cast<std::uint32_t>(class_names.size() - 1);
  entry.reruns = added.reruns;
  entry.outcome = static_cast<std::uint8_t>(added.outcome);
  entry.over_budget = added.over_budget;
}

Case Cases::operator[](std::size_t index) const {
  const Entry& entry = m_storage->entries[index];
  const ClassName& class_name = m_storage->class_names[entry.class_name];
  Case result;
  result.file = class_name.file;
  result.classname = class_name.name;
  result.name = {entry.texts, entry.name};
  result.message = {entry.texts + entry.name, entry.message};
  result.details = {entry.texts + entry.name + entry.message, entry.details};
  result.time_s = entry.time_s;
  result.reruns = entry.reruns;
  result.outcome = static_cast<results::Outcome>(entry.outcome);
  result.over_budget = entry.over_budget;
  return result;
}

Cases::Iterator& Cases::Iterator::operator++() {
  ++m_index;
  return *this;
}

Cases::Iterator Cases::Iterator::operator++(int) {
  const Iterator before = *this;
  ++m_index;
  return before;
}

std::string Case::id() const {
  // CTest and Jest also write the name as the class.
  const bool has_class = !classname.empty() && classname != name;
  std::string out(file);
  if (file.empty()) {
    if (has_class) out.append(classname).append("::");
    return out.append(name);
  }
  if (!has_class && name == file) return out;
  out += "::";
  if (!has_class) return out.append(name);
  for (const char c : classname) {
    if (c == '.' && file.ends_with(".py")) {
      out += "::";
    } else {
      out += c;
    }
  }
  return out.append("::").append(name);
}

}  // namespace spyre::junit
