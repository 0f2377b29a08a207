# SPDX-License-Identifier: Apache-2.0
"""The Dockerfiles keep to the rules, the rules find what breaks them, and a build gets to see what it needs."""
import json
import os
import re
import subprocess
import unittest

import yaml

import dockerfile_rules
from harness import PROJECT

DOCKER = PROJECT / "docker"
AGENT = (DOCKER / "agent/Dockerfile").read_text()
IGNORE = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
SOURCES = [path for top in PROJECT.iterdir() if top.name not in (".git", "build")
           for path in ([top] if top.is_file() else top.rglob("*"))
           if "__pycache__" not in path.parts and path.is_file()]
FILES = {str(path.relative_to(PROJECT)) for path in SOURCES}


def context_has(source):
    """Whether something of that path is given to a build: a pattern of Dockerfiles, or a path."""
    if source == ".":
        return True
    files = [path for path in FILES if path == source or path.startswith(source + "/")]
    return bool(files) and not any(dockerfile_rules.ignored(IGNORE, path) for path in files)


class Rules(unittest.TestCase):
    def test_every_dockerfile_keeps_to_them(self):
        files = sorted(DOCKER.glob("*/Dockerfile"))
        self.assertEqual([file.parent.name for file in files], ["agent", "runtime"])
        for file in files:
            with self.subTest(file.parent.name):
                self.assertEqual(dockerfile_rules.problems(file.read_text(), context_has), [])

    def test_every_script_that_installs_keeps_to_them(self):
        for file in DOCKER.glob("install-*.sh"):
            with self.subTest(file.name):
                self.assertEqual(dockerfile_rules.install_problems(file.read_text()), [])
                self.assertTrue(os.access(file, os.X_OK))

    def assert_breaks(self, old, new, expected):
        self.assertIn(old, AGENT)
        found = dockerfile_rules.problems(AGENT.replace(old, new), context_has)
        self.assertTrue([problem for problem in found if expected in problem], found)

    def test_what_breaks_them_is_found(self):
        self.assert_breaks("USER 10001:10001\n", "", "root")
        self.assert_breaks("USER 10001:10001", "USER root", "root")
        self.assert_breaks("USER 10001:10001", "USER 0", "root")
        self.assert_breaks("ARG BASE=debian:12-slim", "ARG BASE=debian:latest", "FROM")
        self.assert_breaks("ARG BASE=debian:12-slim", "ARG BASE=debian", "FROM")
        self.assert_breaks("FROM ${BASE} AS build", "FROM debian:12 AS build", "FROM")
        self.assert_breaks("HEALTHCHECK", "# HEALTHCHECK", "HEALTHCHECK")
        self.assert_breaks('CMD ["--help"]', "CMD --help", "no CMD")
        self.assert_breaks("org.opencontainers.image.version", "version", "no label version")
        self.assert_breaks("COPY . /src", "ADD . /src", "ADD")
        self.assert_breaks("RUN /tmp/package", "RUN curl x | sh; /tmp/package", "downloads")
        self.assert_breaks("RUN /tmp/package", "RUN chmod 777 /; /tmp/package", "rights")
        self.assert_breaks("ARG VERSION=0.0.0", "ARG REGISTRY_TOKEN=x", "secret")
        self.assert_breaks("docker/sbom.sh", "docker/no-such.sh", "not given")
        self.assert_breaks("scripts/lib.sh", "scripts/test.sh", "not given")
        self.assert_breaks("ARG VERSION=0.0.0", 'SHELL ["/bin/bash", "-c"]', "SHELL")
        self.assert_breaks("RUN /tmp/package", "RUN false; /tmp/package", "goes on")

    def test_what_breaks_a_script_that_installs_is_found(self):
        good = (DOCKER / "install-agent.sh").read_text()
        for old, new, expected in ((" --no-install-recommends", "", "recommended"),
                                   ("set -euo pipefail", "set -u", "errors"),
                                   ("rm -rf /var/lib/apt/lists/*", "true", "lists"),
                                   ("sbom.sh", "no.sh", "what is in"),
                                   ("apt-get clean", "curl x", "downloads")):
            self.assertIn(old, good)
            found = dockerfile_rules.install_problems(good.replace(old, new))
            self.assertTrue([problem for problem in found if expected in problem], (old, found))


class Context(unittest.TestCase):
    def test_a_build_sees_what_cmake_reads(self):
        for path in ("CMakeLists.txt", "CMakePresets.json", "cmake/Room.cmake", "agent/main.cpp",
                     "agent/pytest/pack.py", "agent/pytest/worker/__main__.py",
                     "testsel/CMakeLists.txt", "pipelines/defaults.yaml", "pipelines/CMakeLists.txt",
                     "packaging/spyre-ci.1", "schemas/plan.schema.json", "README.md", "docs/jenkins.md",
                     "CHANGELOG.md", "LICENSE"):
            self.assertIn(path, FILES)
            self.assertFalse(dockerfile_rules.ignored(IGNORE, path), path)

    def test_and_nothing_else(self):
        for path in (".git/config", "build/release/spyre-ci", "tests/CMakeLists.txt", "pipelines/github/lint.yml",
                     "jenkins/casc/library.yaml", ".env", "agent/pytest/worker/__pycache__/__main__.pyc"):
            self.assertTrue(dockerfile_rules.ignored(IGNORE, path), path)


class Compose(unittest.TestCase):
    def test_services_are_confined(self):
        services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
        self.assertEqual(set(services), {"agent", "tests", "cards"})
        for name, service in services.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertNotIn("privileged", service)
                self.assertNotIn("ports", service)
                if "build" in service:
                    self.assertTrue((DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file())


class Sbom(unittest.TestCase):
    def test_it_names_every_package(self):
        done = subprocess.run([DOCKER / "sbom.sh", "test"], capture_output=True, text=True, timeout=120, check=True,
                              env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": "0"})
        document = json.loads(done.stdout)
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"], capture_output=True,
                                   text=True, check=True).stdout.splitlines()
        self.assertEqual(sorted(f"{p['name']} {p['versionInfo']}" for p in document["packages"]), sorted(installed))
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        self.assertEqual(document["creationInfo"]["created"], "1970-01-01T00:00:00Z")
        identifiers = [package["SPDXID"] for package in document["packages"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        for package in document["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertTrue(re.fullmatch(r"pkg:deb/debian/[^+:~ ]+@[^+: ~]+\?arch=\w+",
                                         package["externalRefs"][0]["referenceLocator"]), package)


if __name__ == "__main__":
    unittest.main()
