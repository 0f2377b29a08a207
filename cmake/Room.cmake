# SPDX-License-Identifier: Apache-2.0
# A room of the house: one folder, one static library spyre_<name>, one unit-test program unit_<name>.

add_library(spyre_options INTERFACE)
target_include_directories(spyre_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(spyre_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                       -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # g++ 12 reports false alarms inside the standard library when it optimises.
  target_compile_options(spyre_options INTERFACE -Wno-null-dereference -Wno-stringop-overflow -Wno-stringop-overread
                         -Wno-array-bounds -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # libgit2's own initialisers, like GIT_FETCH_OPTIONS_INIT, name the first fields alone; after -Wextra, which asks.
  target_compile_options(spyre_options INTERFACE -Wno-missing-field-initializers)
endif()
# The program that is shipped reads foreign bytes: what the compiler offers against their misuse is on.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SPYRE_SANITIZE)
  include(CheckPIESupported)
  check_pie_supported()
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(spyre_options INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  target_link_options(spyre_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(SPYRE_WERROR)
  target_compile_options(spyre_options INTERFACE -Werror)
endif()
if(SPYRE_SANITIZE)
  target_compile_options(spyre_options INTERFACE -fsanitize=${SPYRE_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(spyre_options INTERFACE -fsanitize=${SPYRE_SANITIZE})
endif()

# spyre_join(<variable> <name>): replaces the sources of a target that the variable names by fewer ones that include eight
# of them each, because parsing headers is most of a compilation. CMake's own unity build includes by absolute paths: then
# no compiler cache is shared between checkouts. Sources with definitions of their own stay as they are.
function(spyre_join variable name)
  if(NOT SPYRE_JOIN_SOURCES)
    return()
  endif()
  set(joined)
  set(includes)
  set(count 0)
  foreach(source IN LISTS ${variable} ITEMS end)
    if(NOT source STREQUAL end)
      get_source_file_property(definitions ${source} COMPILE_DEFINITIONS)
      if(definitions)
        list(APPEND joined ${source})
        continue()
      endif()
      file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
      string(APPEND includes "#include \"${path}\"\n")
      math(EXPR count "${count} + 1")
    endif()
    if(includes AND (count EQUAL 8 OR source STREQUAL end))
      list(LENGTH joined number)
      set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}_${number}.cpp)
      file(CONFIGURE OUTPUT ${file} CONTENT "${includes}" @ONLY)
      list(APPEND joined ${file})
      set(includes)
      set(count 0)
    endif()
  endforeach()
  set(${variable} ${joined} PARENT_SCOPE)
endfunction()

# spyre_room(<name> [PUBLIC <rooms>...] [PRIVATE <libraries>...])
# Sources are the folder's .cpp files. PUBLIC names the rooms below that the headers mention, PRIVATE the libraries
# that only the .cpp files use.
function(spyre_room name)
  cmake_parse_arguments(ROOM "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    add_library(spyre_${name} INTERFACE)
    target_link_libraries(spyre_${name} INTERFACE spyre_options ${ROOM_PUBLIC} ${ROOM_PRIVATE})
    return()
  endif()
  spyre_join(sources ${name})
  add_library(spyre_${name} STATIC ${sources})
  target_link_libraries(spyre_${name} PUBLIC spyre_options ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
  target_precompile_headers(spyre_${name} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <memory>
                            <optional> <string> <string_view> <variant> <vector>)
endfunction()

# spyre_embed(<target> <namespace> <files>...): the files' bytes as `extern const std::string_view <stem>` in
# "embedded/<target>.hpp", so that the program is one file that needs no data beside it.
function(spyre_embed target namespace)
  set(out ${CMAKE_BINARY_DIR}/embedded)
  set(header ${out}/embedded/${target}.hpp)
  set(source ${out}/${target}.cpp)
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DSOURCE=${source} -DTARGET=${target} -DNAMESPACE=${namespace}
            "-DFILES=${ARGN}" -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    VERBATIM)
  add_library(${target} STATIC ${source} ${header})
  target_include_directories(${target} PUBLIC ${out})
endfunction()
