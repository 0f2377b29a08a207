// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are: the reader ends, and what it says of them holds together.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "testsel/python/reader.hpp"

namespace {

using namespace spyre::testsel::python;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Function& function, int lines) {
  require(!function.name.empty());
  require(function.line >= 1 && function.line <= function.end_line && function.end_line <= lines);
  require(std::is_sorted(function.names.begin(), function.names.end()));
  require(std::includes(function.names.begin(), function.names.end(), function.calls.begin(), function.calls.end()));
  for (const Decorator& decorator : function.decorators) {
    require(decorator.line <= function.line);
    require(decorator.arguments.empty() || decorator.arguments.back() != '\n');
  }
}

void check(const Module& module) {
  const int lines = static_cast<int>(std::count(module.source->begin(), module.source->end(), '\n')) + 1;
  std::size_t length = 0;  // of every text, so that each is read
  for (const Class& one : module.classes) {
    require(!one.name.empty() && one.line >= 1 && one.line <= one.end_line && one.end_line <= lines);
    for (const Function& function : one.functions) {
      check(function, lines);
      require(function.line >= one.line && function.end_line <= one.end_line);
    }
    for (const std::string_view base : one.bases)
      length += static_cast<std::size_t>(std::count(base.begin(), base.end(), '.'));
    for (const Assignment& attribute : one.attributes) length += attribute.name.size() + attribute.value.size();
  }
  for (const Function& function : module.functions) check(function, lines);
  for (const Import& import : module.imports) require(import.line >= 1 && import.line <= lines);
  for (const Instantiation& one : module.instantiations) length += one.arguments.size();
  require(std::is_sorted(module.generates.begin(), module.generates.end()));
  require(length <= 1000 * (module.source->size() + 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = read_module(std::string(reinterpret_cast<const char*>(data), size));
  if (module) {
    check(*module);
  } else {
    require(module.error().message.find(": ") != std::string::npos);
  }
  return 0;
}
