# SPDX-License-Identifier: Apache-2.0
# Writes files as arrays of characters, which unlike string literals may be of any length.
set(header "#pragma once\n#include <string_view>\nnamespace ${NAMESPACE} {\n")
set(source "#include \"embedded/${TARGET}.hpp\"\nnamespace ${NAMESPACE} {\n")
foreach(file IN LISTS FILES)
  get_filename_component(stem ${file} NAME_WE)
  string(MAKE_C_IDENTIFIER ${stem} name)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  file(SIZE ${file} size)
  string(APPEND header "extern const std::string_view ${name};\n")
  string(APPEND source "static const char ${name}_bytes[] = {${bytes}'\\0'};\n"
                       "const std::string_view ${name}{${name}_bytes, ${size}};\n")
endforeach()
string(APPEND header "}\n")
string(APPEND source "}\n")
file(WRITE ${HEADER} "${header}")
file(WRITE ${SOURCE} "${source}")
