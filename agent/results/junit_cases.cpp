// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_cases.hpp"

#include <cstring>

namespace spyre::results {
namespace {

std::string_view copied(std::string_view text, std::pmr::memory_resource& memory) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(memory.allocate(text.size(), alignof(char)));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

std::string_view shared(std::string_view text, std::string_view before, std::pmr::memory_resource& memory) {
  return text == before ? before : copied(text, memory);
}

}  // namespace

void JunitCases::add(const JunitCase& added) {
  auto& [memory, cases] = *m_storage;
  static constexpr JunitCase none;
  const JunitCase& before = cases.empty() ? none : cases.back();
  JunitCase copy = added;
  copy.file = shared(added.file, before.file, memory);
  copy.classname = shared(added.classname, before.classname, memory);
  copy.name = copied(added.name, memory);
  copy.message = shared(added.message, before.message, memory);
  copy.details = shared(added.details, before.details, memory);
  cases.push_back(copy);
}

std::string JunitCase::id() const {
  // CTest and Jest give the name as the class, too.
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

}  // namespace spyre::results
