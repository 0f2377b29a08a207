# SPDX-License-Identifier: Apache-2.0
"""What is installed: the Debian package, the man page and the completion. scripts/check-images.sh installs the package
in a clean Debian."""
import os
import pathlib
import re
import subprocess
import unittest

from harness import PROGRAM, PROJECT, ProgramTest

BUILD = pathlib.Path(os.environ.get("SPYRE_CI_BUILD", PROJECT / "build/release"))
PACKAGING = PROJECT / "packaging"


def project():
    """The version and the contact that CMakeLists.txt gives."""
    text = (PROJECT / "CMakeLists.txt").read_text()
    return (re.search(r"^project\(spyre-ci VERSION (\d+\.\d+\.\d+) ", text, re.MULTILINE).group(1),
            re.search(r'^set\(SPYRE_CI_CONTACT "(.* <.*@.*>)"\)$', text, re.MULTILINE).group(1))


def lines_with(pattern, *places):
    """Where a pattern is, in the files of these directories or files: ["path:line"]."""
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    return [f"{file.relative_to(PROJECT)}:{number}" for file in files if file.is_file() and "__pycache__" not in file.parts
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1) if re.search(pattern, line)]


class OneSource(ProgramTest):
    """Version and contact are written down once, in CMakeLists.txt; tests have examples of versions."""
    PLACES = [path for path in PROJECT.iterdir()
              if path.name not in (".git", "tests", "CHANGELOG.md", "spyre-ci-runs") and not path.name.startswith("build")]

    def test_the_version(self):
        version, _ = project()
        here, = lines_with(r"^project\(", PROJECT / "CMakeLists.txt")
        self.assertEqual(lines_with(rf"(?<![\w.]){re.escape(version)}(?![\w.])", *self.PLACES), [here])
        self.assertEqual(lines_with(r"spyre-ci[a-z-]*[:=_ @-]v?\d+\.\d+\.\d+", *self.PLACES), [])
        self.assertEqual(self.program("--version").stdout, f"spyre-ci {version}\n")

    def test_the_contact(self):
        _, contact = project()
        here, = lines_with(r"^set\(SPYRE_CI_CONTACT ", PROJECT / "CMakeLists.txt")
        address = contact.partition("<")[2].rstrip(">")
        self.assertEqual(lines_with(re.escape(address), *self.PLACES), [here])
        packaged = [PROJECT / name for name in ("CMakeLists.txt", "cmake", "packaging", "docker")]
        self.assertEqual(lines_with(r"[\w.-]+@[\w-]+\.[a-z]+", *packaged), [here])

    def test_the_newest_changes_are_those_of_this_version(self):
        headings = re.findall(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
        self.assertEqual(headings[0], project()[0])


def names_under(heading, text):
    """The names under a heading of the program's help."""
    section = re.search(rf"^{heading}:\n((?:  .*\n)+)", text, re.MULTILINE).group(1)
    return re.findall(r"^  ([a-z]+) ", section, re.MULTILINE)


def command(*words, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=120, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Installed(ProgramTest):
    def test_cmake_install(self):
        command("cmake", "--install", BUILD, "--prefix", self.home / "usr", "--strip")
        usr = self.home / "usr"
        installed = {str(file.relative_to(usr)) for file in usr.rglob("*") if file.is_file()}
        self.assertLessEqual({"bin/spyre-ci", "share/man/man1/spyre-ci.1", "share/doc/spyre-ci/README.md",
                              "share/doc/spyre-ci/docs/jenkins.md",
                              "share/doc/spyre-ci/copyright", "share/bash-completion/completions/spyre-ci",
                              "share/spyre-ci/schemas/plan.schema.json"}, installed)
        self.assertEqual(command(self.home / "usr/bin/spyre-ci", "--version"), command(PROGRAM, "--version"))

    def test_debian_package(self):
        command("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", self.home, cwd=self.home)
        package, = self.home.glob("*.deb")
        self.assertRegex(package.name, r"^spyre-ci_\d+\.\d+\.\d+_[a-z0-9]+\.deb$")
        fields = command("dpkg-deb", "--field", package)
        version, contact = project()
        self.assertIn(f"\nVersion: {version}\n", fields)
        self.assertIn(f"\nMaintainer: {contact}\n", fields)
        depends = re.search(r"^Depends: (.*)$", fields, re.MULTILINE).group(1)
        for library in ("libc6", r"libgit2-1\.\d+", r"libpocofoundation\d+", "libpugixml1v5", r"libyaml-cpp0\.\d+", "git"):
            self.assertRegex(depends, rf"(^|, ){library}( |,|$)")
        files = command("dpkg-deb", "--contents", package)
        for file in ("./usr/bin/spyre-ci", "./usr/share/man/man1/spyre-ci.1", "./usr/lib/tmpfiles.d/spyre-ci.conf",
                      "./usr/share/doc/spyre-ci/copyright"):
            self.assertRegex(files, rf"{re.escape(file)}(\n|$)")
        # Everything belongs to root, and nothing may be written by others.
        for line in files.splitlines():
            self.assertRegex(line, r"^.{8}-. root/root ")


class Hardened(unittest.TestCase):
    """What an exploit would need is made hard: see cmake/Room.cmake."""

    def test_the_program_is_hardened(self):
        headers = command("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", PROGRAM)
        self.assertRegex(headers, r"Type: +DYN")
        self.assertRegex(headers, r"GNU_RELRO")
        self.assertRegex(headers, r"FLAGS_1.* NOW PIE")
        symbols = command("readelf", "--wide", "--dyn-syms", PROGRAM)
        self.assertIn("__stack_chk_fail@", symbols)
        self.assertIn("__memcpy_chk@", symbols)


class ManPage(ProgramTest):
    def test_it_can_be_read(self):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", PACKAGING / "spyre-ci.1"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_it_names_every_command_and_option(self):
        page = (PACKAGING / "spyre-ci.1").read_text()
        plain = page.replace("\\-", "-")
        usage = self.program("--help").stdout
        commands = names_under("Subcommands", usage)
        self.assertGreater(len(commands), 10)
        for name in commands:
            self.assertIn(f"\n.B {name}\n", plain)
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", usage.split("Subcommands:")[0], re.MULTILINE):
            if option != "--help":
                self.assertIn(option, plain)
        described = plain[plain.index(".SH COMMANDS"):plain.index(".SH OPTIONS")]
        self.assertEqual(re.findall(r"^\.B (\w+)$", described, re.MULTILINE), commands)


class Completion(ProgramTest):
    def complete(self, *words):
        """What bash would offer for the last word."""
        (self.home / "bin").mkdir(exist_ok=True)
        link = self.home / "bin/spyre-ci"
        if not link.exists():
            link.symlink_to(PROGRAM)
        script = f'source {PACKAGING}/completion.bash; COMP_WORDS=(spyre-ci "$@"); COMP_CWORD=$#; _spyre_ci; ' \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        path = f"{self.home}/bin:{os.environ['PATH']}"
        return command("bash", "-c", script, "bash", *words, env={"PATH": path}).split()

    def test_commands(self):
        self.assertEqual(self.complete(""), sorted(names_under("Subcommands", self.program("--help").stdout)))
        self.assertEqual(self.complete("sel"), ["select"])
        self.assertEqual(self.complete("--log-level", "error", "junit", ""), ["check", "merge", "summarize"])
        self.assertEqual(self.complete("nonsense-"), [])

    def test_options(self):
        self.assertEqual(self.complete("exec", "--sh"), ["--shard"])
        self.assertEqual(self.complete("junit", "merge", "--o"), ["--out"])
        self.assertIn("--json", self.complete("plan", "--"))


if __name__ == "__main__":
    unittest.main()
