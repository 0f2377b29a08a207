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
        self.commit = self.git("rev-parse", "HEAD", directory=self.checkout)
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

    def install_backend(self, version, commit=None):
        """A package that torch would load by itself, as pip leaves it behind; importing it fails."""
        for old in (self.home / "site").glob("torch_spyre*"):
            shutil.rmtree(old)
        (self.home / "site/torch_spyre").mkdir(parents=True)
        (self.home / "site/torch_spyre/__init__.py").write_text("raise RuntimeError('this opens a card')\n")
        info = self.home / f"site/torch_spyre-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: torch-spyre\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[torch.backends]\ntorch_spyre = torch_spyre:_autoload\n")
        if commit:
            (info / "direct_url.json").write_text(json.dumps({"url": "x", "vcs_info": {"vcs": "git", "commit_id": commit}}))

    def test_the_backend_is_part_of_the_stack_without_being_imported(self):
        self.install_torch("2.6.0", self.commit)
        self.install_backend("0.3")
        self.run_tests("--stack", "firmware=1.2")
        stack = self.stack()
        self.assertEqual(stack["packages"], [{"name": "torch_spyre", "version": "0.3", "git_revision": ""}])
        self.assertEqual(stack["given"], {"firmware": "1.2"})
        self.assertEqual(stack["host"]["card_kind"], "cpu")
        for part in (f"torch={self.commit}", "torch_spyre=0.3", "firmware=1.2", "cards=cpu"):
            self.assertIn(part, stack["key"].split())
        page = (self.run_dir / "report.html").read_text()
        self.assertIn("torch_spyre 0.3, firmware 1.2", page)
        shutil.rmtree(self.run_dir)
        self.install_backend("0.3", OTHER)
        self.run_tests()
        self.assertIn(f"torch_spyre={OTHER}", self.stack()["key"].split())

    def test_an_item_of_the_stack_needs_a_name_and_a_version(self):
        done = self.run_tests("--stack", "firmware", code=2)
        self.assertIn("invalid --stack 'firmware'", done.stderr)
        self.assertFalse(self.run_dir.exists())

    def test_what_fails_since_the_backend_changed_is_a_regression(self):
        """Passes, then failures: not flaky when the backend changed in between, flaky when nothing did."""
        self.install_torch("2.6.0", self.commit)
        broken = self.home / "broken"
        test = self.checkout / "test/test_one.py"
        test.write_text(f"import os\ndef test_a(): assert not os.path.exists({str(broken)!r})\n")
        self.git("commit", "-qam", "a test that the backend can break", directory=self.checkout)
        self.git("tag", "-f", "v1", directory=self.checkout)

        def run(backend, code):
            self.install_backend(backend)
            done = self.run_tests(code=code)
            shutil.rmtree(self.run_dir)
            return done.stdout

        def flaky():
            return json.loads(self.program("history", "flaky", "--json").stdout)["cases"]

        for _ in range(3):
            run("0.3", 0)
        broken.touch()
        self.assertIn("the stack changed: torch_spyre 0.3 → 0.4", run("0.4", 1))
        for _ in range(2):
            run("0.4", 1)
        self.assertEqual(flaky(), [])
        for _ in range(3):
            run("0.3", 1)
        self.assertEqual([case["flaky"] for case in flaky()], [True])

    def test_a_run_that_is_continued_with_another_stack_has_no_key(self):
        self.install_torch("2.6.0", self.commit)
        self.run_tests("--stack", "firmware=1.2")
        summary = lambda: json.loads((self.run_dir / "summary.json").read_text())
        self.program(*self.settings(), "resume", self.run_dir)
        self.assertIn("firmware=1.2", summary()["stack_key"])
        self.install_torch("2.6.1", OTHER)
        self.program(*self.settings(), "resume", self.run_dir)
        self.assertEqual(summary()["stack_key"], "")

    def test_a_strict_run_stays_strict(self):
        self.install_torch("2.6.0", self.commit)
        self.run_tests("--strict-stack")
        self.install_torch("2.6.0", OTHER)
        self.program(*self.settings(), "resume", self.run_dir, code=3)


if __name__ == "__main__":
    unittest.main()
