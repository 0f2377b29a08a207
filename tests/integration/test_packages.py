# SPDX-License-Identifier: Apache-2.0
"""The list of packages in scripts/lib.sh is complete: what CMake asks for and what the sources include is in it."""
import functools
import pathlib
import re
import subprocess
import unittest

from harness import PROJECT

USR_INCLUDE = [pathlib.Path("/usr/include"), *pathlib.Path("/usr/include").glob("*-linux-gnu")]


def listed(*names):
    """The packages of these arrays of scripts/lib.sh."""
    script = '. "$0"; shift 0; for name; do declare -n list=$name; printf "%s\\n" "${list[@]}"; done'
    done = subprocess.run(["bash", "-euc", script, PROJECT / "scripts/lib.sh", *names], capture_output=True, text=True,
                          timeout=60, check=True)
    return set(done.stdout.split())


def included(directories):
    """Headers that the sources beneath these directories include in angle brackets."""
    headers = set()
    for directory in directories:
        for file in (PROJECT / directory).rglob("*.[ch]pp"):
            headers.update(re.findall(r"^#include <([^>]+)>", file.read_text(), re.MULTILINE))
    return headers


@functools.cache
def packages_of(path):
    done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, timeout=60, check=False)
    return {owner.split(":")[0] for line in done.stdout.splitlines() for owner in line.split(": ")[0].split(", ")}


@functools.cache
def dependencies_of(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Depends}", package], capture_output=True, text=True, timeout=60,
                          check=True)
    return set(re.findall(r"(?:^|, |\| )([a-z0-9.+-]+)", done.stdout))


class Packages(unittest.TestCase):
    def test_what_cmake_asks_for_is_listed(self):
        text = (PROJECT / "cmake/Packages.cmake").read_text()
        library, tests = text.split("if(SPYRE_TESTS)")
        asked = re.compile(r"^ *spyre_(?:library|pkg_config_library|program)\(([a-z0-9.+-]+) ", re.MULTILINE)
        self.assertLessEqual({"libboost-dev", "libpoco-dev", "libgit2-dev"}, set(asked.findall(library)))
        self.assertLessEqual(set(asked.findall(library)), listed("BUILD_PACKAGES"))
        self.assertLessEqual(set(asked.findall(tests)), listed("BUILD_PACKAGES", "TEST_PACKAGES"))

    def check_includes(self, directories, named):
        # A package that is named may be an empty one that depends on the version of the day.
        allowed = named.union(*(dependencies_of(package) for package in named), dependencies_of("g++"),
                              {"libc6-dev", "linux-libc-dev"})
        allowed |= set().union(*(dependencies_of(package) for package in allowed if package.startswith("g++-")))
        headers = included(directories)
        self.assertGreater(len(headers), 30)
        for header in sorted(headers):
            paths = [directory / header for directory in USR_INCLUDE if (directory / header).exists()]
            if not paths:  # the compiler's own, the C++ library's, and Catch2's of another version
                self.assertRegex(header, r"^([a-z_]+(\.h)?|catch2/catch\w*\.hpp)$")
                continue
            owners = set().union(*(packages_of(str(path)) for path in paths))
            self.assertTrue(owners & allowed, f"<{header}> is of {owners}, which scripts/lib.sh does not list")

    def test_what_the_program_includes_is_listed(self):
        self.check_includes(["agent", "testsel"], listed("BUILD_PACKAGES"))

    def test_what_the_tests_include_is_listed(self):
        self.check_includes(["tests"], listed("BUILD_PACKAGES", "TEST_PACKAGES"))


if __name__ == "__main__":
    unittest.main()
