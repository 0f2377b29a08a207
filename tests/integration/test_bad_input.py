# SPDX-License-Identifier: Apache-2.0
"""Mistakes of users: one clear line that says what, where and what to do; exit code 2 (or 3, 4 where it says so); and no
half-made state."""
import os
import pathlib
import stat
import subprocess
import unittest

from harness import TREE, ProgramTest


class TestBadInput(ProgramTest):
    def run_arguments(self, *more):
        return ("run", "--source", TREE, "--fraction", 1, "--run-dir", "out", *more)

    def assert_nothing_made(self):
        self.assertFalse((self.home / "out").exists())

    def test_an_unknown_command_option_or_log_level(self):
        self.assertIn("did you mean 'select'", self.refused("selct"))
        self.assertIn("--help", self.refused("run", "--sourse", TREE))
        self.assertIn("debug, info", self.refused("--log-level", "loud", "config", "defaults"))
        self.refused()

    def test_a_current_directory_that_was_deleted(self):
        for arguments in (self.run_arguments(), ("list", "--source", TREE), ("history", "flaky"), ("resume", "out")):
            with self.subTest(command=arguments[0]):
                gone = self.home / "gone"
                gone.mkdir()
                done = subprocess.run(["sh", "-c", 'rmdir "$0" && exec "$@"', gone, *self.arguments(*arguments)], cwd=gone,
                                      env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                first, second = done.stderr.splitlines()
                self.assertTrue(first.startswith("error: the current directory cannot be used"), first)
                self.assertTrue(second.startswith("hint: "), second)
        self.assert_nothing_made()

    def test_an_unknown_revision(self):
        repository = self.repository()
        text = self.refused("run", "--repo", repository, "--rev", "v2", "--fraction", 1, "--run-dir", "out")
        self.assertIn("v2", text)
        self.assertIn("v1", text, "the nearest name is suggested")
        self.assert_nothing_made()

    def test_nothing_is_pinned_unless_the_configuration_says_what(self):
        repository = self.repository()
        for rev in (("--rev", "pinned"), ()):
            text = self.refused("run", "--repo", repository, *rev, "--fraction", 1, "--run-dir", "out")
            self.assertIn("no revision is pinned", text)
            self.assertIn("--set pytorch.pinned=REV", text)
        self.assertIn("pytorch.pinned", self.refused("checkout", "--repo", repository, "--into", "x"))
        self.assert_nothing_made()
        listed = self.document("--set", "pytorch.pinned=v1", "list", "--repo", repository, "--rev", "pinned")
        self.assertEqual(listed["revision"], self.git("rev-parse", "v1", directory=repository))

    def test_a_repository_that_is_not_one(self):
        self.assertIn(str(self.home), self.refused("run", "--repo", self.home, "--rev", "main", "--fraction", 1,
                                                    "--run-dir", "out"))
        self.refused("checkout", "--repo", "ext::sh -c true", "--rev", "main", "--into", "x")
        self.assertFalse((self.home / "x").exists())
        self.assert_nothing_made()

    def test_a_source_tree_that_is_not_pytorch(self):
        self.assertIn("PyTorch", self.refused("run", "--source", self.home, "--fraction", 1, "--run-dir", "out"))
        self.refused("list", "--source", self.home / "nowhere")
        self.assert_nothing_made()

    def test_mistakes_in_yaml_name_the_place_and_the_nearest_key(self):
        config = self.home / "c.yaml"
        config.write_text("execute:\n  retrys: 3\n")
        text = self.refused("--config", config, *self.run_arguments())
        self.assertIn("c.yaml:2:3: unknown key 'execute.retrys'; did you mean 'execute.retries'?", text)
        config.write_text("execute: [\n")
        self.assertIn("c.yaml:", self.refused("--config", config, *self.run_arguments()))
        scope = self.home / "scope.yaml"
        scope.write_text("exclude:\n  - reson: gpu\n")
        self.assertIn("scope.yaml:2:", self.refused("--set", f"selection.scope={scope}", *self.run_arguments()))
        self.assert_nothing_made()

    def test_unknown_stages_and_wrong_fractions(self):
        arguments = ("run", "--source", TREE, "--run-dir", "out")
        self.assertIn("stage", self.refused(*arguments, "--stage", "9"))
        self.refused(*arguments, "--stage", "0", code=4)
        self.refused(*arguments, "--fraction", "0", code=4)
        self.refused(*arguments, "--fraction", "1.5")
        self.refused(*arguments)
        self.assertIn("test/test_none.py", self.refused(*arguments, "--fraction", "1", "--only", "test/test_none.py", code=4))
        self.assert_nothing_made()

    def test_wrong_cards(self):
        for cards in ("cpu:0", "cpu:-1", "cpu:x", "0", "gpu:2", "7"):
            self.refused(*self.run_arguments("--cards", cards))
        self.refused(*self.run_arguments("--cards", "env"), code=3)
        self.assert_nothing_made()

    def test_wrong_budgets(self):
        self.refused(*self.run_arguments("--budget", "soon"))
        self.refused(*self.run_arguments("--budget", "1ms"))
        self.assert_nothing_made()

    def python(self, *lines):
        """A Python of the user's: a script in its place."""
        path = self.home / "python"
        path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return f"python.executable={path}"

    def test_a_python_that_is_missing_or_has_no_pytest(self):
        self.assertIn("no-such-python", self.refused("--set", "python.executable=no-such-python", *self.run_arguments()))
        without = self.python(f'exec "{os.path.realpath("/usr/bin/python3")}" -I -S "$@"')
        self.assertIn("pytest", self.refused("--set", without, *self.run_arguments()))
        self.assert_nothing_made()

    def test_a_torch_that_cannot_be_imported_is_the_infrastructure(self):
        broken = self.home / "broken"
        (broken / "torch").mkdir(parents=True)
        (broken / "torch/__init__.py").write_text("raise ImportError('libtorch.so: cannot open shared object file')\n")
        text = self.refused("--set", "python.preload=[torch]", "--set", f"python.path=[{broken}]", *self.run_arguments(),
                            code=3)
        self.assertIn("libtorch.so: cannot open shared object file", text)

    def test_doctor_names_what_torch_utilities_need_and_this_python_has_not(self):
        (self.home / "tools").mkdir()
        (self.home / "tools/testing.py").write_text("import no_such_tool\n")
        done = self.program("--set", "python.preload=[tools.testing]", "--set", f"python.path=[{self.home}]",
                            "doctor", code=3)
        self.assertIn("has no module no_such_tool, which tools.testing imports", done.stdout)
        self.assertIn("install no_such_tool", done.stdout)

    def test_results_of_before_are_never_overwritten(self):
        (self.home / "out").mkdir()
        (self.home / "out/precious").write_text("mine")
        self.assertIn("not empty", self.refused(*self.run_arguments()))
        self.assertEqual((self.home / "out/precious").read_text(), "mine")
        self.refused("checkout", "--repo", self.repository(), "--rev", "v1", "--into", "out")
        self.assertEqual((self.home / "out/precious").read_text(), "mine")

    def test_huge_and_deep_files(self):
        sparse = self.home / "sparse.yaml"
        with open(sparse, "wb") as file:
            file.truncate(100 << 30)
        self.assertIn("larger than", self.refused("--config", sparse, "config", "defaults"))
        deep = self.home / "deep.json"
        deep.write_text("[" * 10**6 + "]" * 10**6)
        selection = self.home / "s.json"
        self.program("select", "--source", TREE, "--fraction", 1, "--out", selection)
        self.assertIn("nested deeper", self.refused("plan", "--selection", selection, "--cards", 1, "--durations", deep))
        self.assertIn("nested deeper", self.refused("plan", "--selection", deep, "--cards", 1))
        self.assertIn("nested deeper", self.refused("--set", f"selection.disabled={deep}", "select", "--source", TREE,
                                                    "--fraction", 1))
        out = self.home / "out"
        out.mkdir()
        for name in ("run.json", "journal.jsonl"):
            (out / name).write_text(deep.read_text() + "\n")
        self.refused("report", out)
        self.refused("resume", out)

    def test_what_a_setting_or_a_command_is_called_is_in_the_error(self):
        self.assertIn("--set execute.retries", self.refused("--set", "execute.retries=", "config", "defaults"))
        (self.home / "two.yaml").write_text("execute: {retries: 1}\n---\nexecute: {retries: 2}\n")
        self.assertIn("two.yaml:3:1", self.refused("--config", "two.yaml", "config", "defaults"))
        for words in (["no-such-command", "--help"], ["--help", "no-such-command"], ["history", "no-such", "--help"]):
            self.assertIn("unknown command 'no-such", self.refused(*words))

    def test_examples_of_a_commands_help_are_its_own(self):
        for words in (["history", "flaky"], ["history", "import"], ["junit", "merge"], ["relay", "status"],
                      ["config", "scope"]):
            text = self.program(*words, "--help").stdout
            for line in text.splitlines():
                if line.startswith("  spyre-ci"):
                    self.assertTrue(line.startswith(f"  spyre-ci {' '.join(words)}"), f"{words}: {line}")

    def test_a_full_disk(self):
        full = pathlib.Path("/dev/full")
        self.assertIn("/dev/full", self.refused("select", "--source", TREE, "--fraction", 1, "--out", full / "s.json"))

    def test_documents_that_are_not_what_they_should_be(self):
        other = self.home / "o.json"
        other.write_text('{"schema": "spyre-ci/plan@1"}')
        self.assertIn("spyre-ci/selection@1", self.refused("plan", "--selection", other, "--cards", 2))
        other.write_text("{")
        self.assertIn("o.json:1:", self.refused("plan", "--selection", other, "--cards", 2))
        self.refused("plan", "--selection", "missing.json", "--cards", 2)
        self.refused("exec", "--plan", other, "--shard", 0, "--run-dir", "out")
        self.assert_nothing_made()

    def test_a_file_that_does_not_parse_is_named_and_the_rest_goes_on(self):
        done = self.program("list", "--source", TREE)
        self.assertIn("test/test_unreadable.py:3:", done.stderr)
        self.assertIn("test/test_outcomes.py::TestOutcomes::test_passes\n", done.stdout)

    def test_errors_are_json_too(self):
        done = self.program("--json", "run", "--source", TREE, "--stage", "9", code=2)
        self.assertIn('"kind":"usage"', done.stdout)


if __name__ == "__main__":
    unittest.main()
