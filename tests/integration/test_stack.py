# SPDX-License-Identifier: Apache-2.0
"""Whether the installed torch is the one whose tests are run: what is said, where, and what it costs."""
import json
import shutil
import unittest

from harness import ProgramTest

OTHER = "0123456789abcdef0123456789abcdef01234567"


class TestStack(ProgramTest):
    def setUp(self):
        super().setUp()
        tree = self.empty_tree()
        (tree / "version.txt").write_text("2.6.0a0\n")
        (tree / "test/test_one.py").write_text("def test_a(): pass\n")
        self.checkout = self.repository(tree)
        self.commit = self.git("rev-parse", "HEAD", folder=self.checkout)
        self.run_dir = self.home / "out"

    def install_torch(self, version, git_version):
        """A torch that says of itself what the real one would."""
        package = self.home / "site/torch"
        shutil.rmtree(package, ignore_errors=True)  # with what Python has compiled of the one before
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"__version__ = {version!r}\nfrom . import version\n")
        (package / "version.py").write_text(f"git_version = {git_version!r}\n")

    def settings(self):
        return ["--set", f"python.path=[{self.home / 'site'}]", "--set", "python.preload=[torch]"]

    def run_tests(self, *more, source=(), **options):
        source = source or ("--repo", self.checkout, "--rev", "v1")
        return self.program(*self.settings(), "run", *source, "--fraction", 1, "--run-dir", self.run_dir, *more, **options)

    def stack(self):
        return json.loads((self.run_dir / "run.json").read_text())["stack"]

    def warnings(self):
        return json.loads((self.run_dir / "summary.json").read_text())["warnings"]

    def test_torch_of_the_tested_revision_is_nothing_to_talk_about(self):
        self.install_torch("2.6.0", self.commit)
        done = self.run_tests("--strict-stack")
        self.assertEqual(self.stack()["torch"], {"version": "2.6.0", "git_revision": self.commit})
        self.assertEqual(self.stack()["tested"], {"revision": self.commit, "version": "2.6.0a0"})
        self.assertEqual(self.stack()["torch_match"], "same")
        self.assertEqual(self.warnings(), [])
        self.assertNotIn("torch", done.stdout)

    def test_torch_of_another_revision_is_a_warning_everywhere(self):
        self.install_torch("2.6.0", OTHER)
        done = self.run_tests()
        self.assertEqual(self.stack()["torch_match"], "other_revision")
        said = f"the installed torch 2.6.0 ({OTHER[:12]}) is not built from the tested revision"
        self.assertEqual([warning.startswith(said) for warning in self.warnings()], [True])
        self.assertIn(said, done.stdout)
        self.assertIn(said, (self.run_dir / "report.html").read_text())

    def test_torch_of_another_release_is_a_warning(self):
        self.install_torch("2.5.1", "Unknown")
        self.run_tests(source=("--source", self.checkout))
        self.assertEqual(self.stack()["torch_match"], "other_version")
        self.assertEqual(self.stack()["torch"]["git_revision"], "")
        self.assertEqual(len(self.warnings()), 1)
        self.assertIn("2.5.1", self.warnings()[0])

    def test_an_unknown_match_is_said_once_and_is_no_warning(self):
        self.install_torch("2.6.0+debian", "Unknown")
        done = self.run_tests()
        self.assertEqual(self.stack()["torch_match"], "unknown")
        self.assertEqual(self.warnings(), [])
        self.assertEqual((done.stdout + done.stderr).count("unknown whether the installed torch"), 1, done.stderr)

    def test_strict_stack_refuses_what_does_not_match_or_is_unknown(self):
        for version, git_version in (("2.6.0", OTHER), ("2.5.1", "Unknown"), ("2.6.0", "Unknown")):
            self.install_torch(version, git_version)
            done = self.run_tests("--strict-stack", code=3)
            self.assertIn("error:", done.stderr)
            self.assertIn("--strict-stack", done.stderr)
            self.assertFalse(self.run_dir.exists())

    def test_a_shard_is_as_strict(self):
        self.install_torch("2.6.0", OTHER)
        self.program("select", "--repo", self.checkout, "--rev", "v1", "--fraction", 1, "--out", "s.json")
        self.program("plan", "--selection", "s.json", "--cards", 1, "--out", "p.json")
        shard = (*self.settings(), "exec", "--repo", self.checkout, "--plan", "p.json", "--shard", 0, "--run-dir", self.run_dir)
        self.program(*shard, "--strict-stack", code=3)
        self.program(*shard)
        self.assertEqual(self.stack()["torch_match"], "other_revision")
        self.assertEqual(len(self.warnings()), 1)

    def test_a_run_that_is_continued_with_another_torch_says_so(self):
        self.install_torch("2.6.0", self.commit)
        self.run_tests()
        self.program(*self.settings(), "resume", self.run_dir)
        self.assertEqual(self.warnings(), [])
        self.install_torch("2.6.1", OTHER)
        self.program(*self.settings(), "resume", self.run_dir)
        self.assertTrue(any("continued with torch 2.6.1" in warning for warning in self.warnings()), self.warnings())

    def test_a_strict_run_stays_strict(self):
        self.install_torch("2.6.0", self.commit)
        self.run_tests("--strict-stack")
        self.install_torch("2.6.0", OTHER)
        self.program(*self.settings(), "resume", self.run_dir, code=3)


if __name__ == "__main__":
    unittest.main()
