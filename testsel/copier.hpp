// SPDX-License-Identifier: Apache-2.0
// Whether a function gives the tests of one class to another: what its own body says.
#pragma once

#include <string_view>

#include "testsel/python/function_body.hpp"

namespace spyre::testsel {

// What a function does with the classes it is given, by parameter.
struct Copier {
  std::string_view source;  // its tests are copied; empty: the function copies none that it is given
  std::string_view fixed;   // copied besides: a class of the function's file, which no parameter names
  std::string_view target;  // gets them; empty: the function makes a class of them
  std::string_view scope;   // the made class becomes a name in it: a parameter, or "globals()"; empty: it is returned
  bool inherited = false;   // what the source inherits is copied too
  std::string_view sets;    // no tests are copied, but attributes of unknown names are set

  bool copies() const { return !source.empty(); }
};

// What the function does itself, apart from what it calls.
Copier copier_of(const python::FunctionBody& body);

// Where the function puts names: `globals()[…] = …`, `scope[…] = …`, `setattr(sys.modules[…], …)`; a parameter, or
// "globals()", or empty.
std::string_view scope_of(const python::FunctionBody& body);

// "Template" of `type(name, bases, dict(Template.__dict__, more=1))`, by what is between the outer brackets; empty when
// no class's dictionary is given.
std::string_view source_of_type(std::string_view arguments);

}  // namespace spyre::testsel
