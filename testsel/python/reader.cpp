// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/reader.hpp"

#include <utility>

#include <fmt/format.h>

#include "testsel/python/characters.hpp"
#include "testsel/python/structure_reader.hpp"

namespace spyre::testsel::python {

Result<Module> read_module(std::string source) {
  TRY(std::string decoded, decode_source(std::move(source)));
  Module module;
  module.source = std::make_unique<const std::string>(std::move(decoded));
  StructureReader reader(module);
  if (!reader.read()) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: {}", position(*module.source, reader.error_offset()), reader.error()));
  }
  return module;
}

}  // namespace spyre::testsel::python
