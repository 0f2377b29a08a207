# SPDX-License-Identifier: Apache-2.0
# Every library and program that the build needs, asked for when it is configured. One that is missing is an error that
# names its Debian package, so that no package can be forgotten: scripts/lib.sh lists the same packages.

# Names are those of Debian 12 and 13.
macro(spyre_missing what package)
  message(FATAL_ERROR "${what} was not found. On Debian 12 or 13, install ${package}; "
                      "scripts/lib.sh lists everything the project builds on.")
endmacro()

# spyre_library(<package> <arguments of find_package>...)
macro(spyre_library package name)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    spyre_missing("The library ${name}" ${package})
  endif()
endmacro()

# spyre_pkg_config_library(<package> <prefix> <module>): for libraries without a CMake configuration; PkgConfig::<prefix>.
macro(spyre_pkg_config_library package prefix module)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  if(NOT ${prefix}_FOUND)
    spyre_missing("The library ${module}" ${package})
  endif()
endmacro()

# spyre_program(<package> <variable> <name> <further arguments of find_program>...)
macro(spyre_program package variable name)
  find_program(${variable} ${name} ${ARGN})
  if(NOT ${variable})
    spyre_missing("The program ${name}" ${package})
  endif()
endmacro()

find_package(Threads REQUIRED)
spyre_library(pkg-config PkgConfig)
spyre_library(libboost-dev Boost CONFIG)
spyre_library(libcli11-dev CLI11)
spyre_library(libexpected-dev tl-expected)
spyre_library(libfmt-dev fmt)
spyre_library(libpoco-dev Poco COMPONENTS Foundation Net NetSSL JWT Data DataSQLite)
# By its name: Poco's own configuration of it asks every target that links it for PostgreSQL's headers.
find_library(POCO_DATA_POSTGRESQL PocoDataPostgreSQL)
if(NOT POCO_DATA_POSTGRESQL)
  spyre_missing("The library PocoDataPostgreSQL" libpoco-dev)
endif()
spyre_library(libpugixml-dev pugixml)
spyre_library(libspdlog-dev spdlog)
spyre_library(libyaml-cpp-dev yaml-cpp)
spyre_library(nlohmann-json3-dev nlohmann_json)
spyre_pkg_config_library(libgit2-dev LIBGIT2 libgit2)
spyre_pkg_config_library(libre2-dev RE2 re2)
spyre_pkg_config_library(libxxhash-dev XXHASH libxxhash)
spyre_program(python3 PYTHON3 python3)

if(SPYRE_TESTS)
  spyre_library(catch2 Catch2)
  spyre_library(libbenchmark-dev benchmark)
  spyre_library(librapidcheck-dev rapidcheck)
  spyre_library(libvalijson-dev valijson)
  # Debian's interpreter, which has pytest and PyTorch: not another one that comes first on the PATH.
  spyre_program(python3 PYTEST_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  spyre_program(groovy GROOVY groovy)
  spyre_program(default-jre-headless JAVA java)
endif()
