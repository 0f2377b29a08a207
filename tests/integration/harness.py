# SPDX-License-Identifier: Apache-2.0
"""Drives the built program: in a home of its own, with a bounded time, on the made-up tree of tests/fixtures/tree."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SPYRE_CI_PROGRAM", PROJECT / "build/release/spyre-ci"))
TREE = PROJECT / "tests/fixtures/tree"


class ProgramTest(unittest.TestCase):
    """A test with a fresh home and working directory."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="spyre-ci-test-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "ASAN_OPTIONS", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.home), **more}

    def arguments(self, *arguments):
        # Cards of one test are not those of another that runs at the same time.
        return [str(PROGRAM), "--set", f"python.executable={sys.executable}", "--set", "python.preload=[]", "--set",
                f"cards.leases={self.home / 'leases'}", *map(str, arguments)]

    def program(self, *arguments, code=0, stdin=None, **environment):
        """Runs the program to its end and checks its exit code; gives what it printed."""
        done = subprocess.run(self.arguments(*arguments), input=stdin, capture_output=True, text=True, timeout=300,
                              cwd=self.home, env=self.environment(**environment), check=False)
        if code is not None:
            self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
        return done

    def document(self, *arguments, **options):
        """The JSON document that the program prints."""
        return json.loads(self.program("--json", *arguments, **options).stdout)

    def refused(self, *arguments, code=2, **options):
        """The one line with which the program refuses; checks that it is one, and has a hint or needs none."""
        done = self.program(*arguments, code=code, **options)
        lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
        self.assertEqual(len(lines), 1, done.stderr)
        return done.stderr

    @staticmethod
    def processes_with(text, part="cmdline"):
        """Other processes whose command line, or environment ("environ"), has the text in it."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                try:
                    if text.encode() in pathlib.Path(f"/proc/{name}/{part}").read_bytes():
                        found.append(int(name))
                except OSError:
                    continue
        return found

    def empty_tree(self):
        """A tree that counts as PyTorch's, without a test in it."""
        tree = self.home / "tree"
        (tree / "torch").mkdir(parents=True)
        (tree / "torch/__init__.py").write_text("")
        (tree / "test").mkdir()
        return tree

    def git(self, *arguments, directory):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, *map(str, arguments)], cwd=directory, check=True, capture_output=True,
                              text=True).stdout.strip()

    def repository(self, tree=TREE):
        """A git repository with the tree in one commit, tagged v1."""
        directory = self.home / "repository"
        shutil.copytree(tree, directory, ignore=shutil.ignore_patterns("__pycache__"))
        self.git("init", "-q", "-b", "main", directory=directory)
        self.git("add", "-A", directory=directory)
        self.git("commit", "-q", "-m", "one", directory=directory)
        self.git("tag", "v1", directory=directory)
        return directory


class TreeTest(ProgramTest):
    """A test that writes a source tree of its own and runs all of it."""

    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()

    def write(self, text, name="test/test_it.py"):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_tree(self, *settings, code=0, cards="cpu:1", **options):
        """Runs all of the tree. {case: outcomes of its attempts}; `summary` and `journal` are kept."""
        more = [part for setting in settings for part in ("--set", setting)]
        out = self.home / f"out{len(list(self.home.glob('out*')))}"
        self.program("--set", "execute.case_timeout=10s", "--set", "execute.stall_timeout=10s", *more, "run",
                     "--source", self.tree, "--fraction", 1, "--cards", cards, "--run-dir", out, code=code, **options)
        self.journal = (out / "journal.jsonl").read_text()
        self.summary = json.loads((out / "summary.json").read_text())
        cases = {}
        for event in map(json.loads, self.journal.splitlines()):
            if event["event"] == "case_finished":
                cases.setdefault(event["id"].rpartition("/")[2], []).append(event["outcome"])
        return cases
