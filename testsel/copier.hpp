// SPDX-License-Identifier: Apache-2.0
// Detects from a function's body whether it gives the tests of one class to another.
#pragma once

#include <string_view>

#include "testsel/python/function_body.hpp"

namespace spyre::testsel {

// How a function uses the classes that it gets, by parameter.
struct Copier {
  std::string_view source;  // its tests are copied; empty: the function copies none of its arguments
  std::string_view fixed;   // copied, too: a class of the function's file, which no parameter names
  std::string_view target;  // gets them; empty: the function makes a class of them
  std::string_view scope;   // the made class becomes a name in it: a parameter, or "globals()"; empty: it is returned
  bool inherited = false;   // tests that the source inherits are copied too
  std::string_view sets;    // no tests are copied, but attributes of unknown names are set

  bool copies() const { return !source.empty(); }
};

// Return what the function does itself, apart from the functions that it calls.
Copier copier_of(const python::FunctionBody& body);

// Return where the function binds names: `globals()[…] = …`, `scope[…] = …`, `setattr(sys.modules[…], …)`; a parameter,
// or "globals()", or empty.
std::string_view scope_of(const python::FunctionBody& body);

// Return "Template" for `type(name, bases, dict(Template.__dict__, more=1))`, from the text between the outer brackets;
// empty if no class's dictionary is passed.
std::string_view source_of_type(std::string_view arguments);

}  // namespace spyre::testsel
