# SPDX-License-Identifier: Apache-2.0
"""Which tests a change concerns: on a made-up repository, from commits and from names of files."""
import json
import os

from harness import ProgramTest

TREE = {
    "torch/__init__.py": "from . import nn\n",
    "torch/nn/__init__.py": "from .pooling import MaxPool\n",
    "torch/nn/pooling.py": "class MaxPool:\n    def forward(self):\n        return 1\n",
    "torch/hub.py": "def load():\n    return 1\n",
    "aten/src/ATen/native/SpectralOps.cpp": "int x;\n",
    "docs/pooling.md": "words\n",
    "test/nn/test_pooling.py": "from torch.nn import MaxPool\n\n\nclass TestPool:\n    def test_max(self):\n"
                               "        MaxPool()\n\n    def test_other(self):\n        pass\n",
    "test/test_hub.py": "import torch.hub\n\n\nclass TestHub:\n    def test_load(self):\n        torch.hub.load()\n",
    "test/test_spectral_ops.py": "class TestFft:\n    def test_fft(self):\n        pass\n",
    **{f"test/test_more_{i}.py": "import torch\n\n\ndef test_it():\n    pass\n" for i in range(8)},
}
MAX = "test/nn/test_pooling.py::TestPool::test_max"
OTHER = "test/nn/test_pooling.py::TestPool::test_other"


class TestImpact(ProgramTest):
    def setUp(self):
        super().setUp()
        self.directory = self.home / "pytorch"
        self.directory.mkdir()
        self.git("init", "-q", "-b", "main", directory=self.directory)
        self.base = self.commit(TREE)

    def commit(self, files):
        """The files, those without a text removed, as a commit: its SHA."""
        for name, text in files.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text) if text else path.unlink()
        self.git("add", "-A", directory=self.directory)
        self.git("commit", "-q", "-m", "change", directory=self.directory)
        return self.git("rev-parse", "HEAD", directory=self.directory)

    def impact(self, *arguments, base=None, **options):
        return self.document("impact", "--repo", self.directory, "--base", base or self.base, "--rev", "HEAD", *arguments,
                             **options)

    @staticmethod
    def ids(document):
        return [test["id"] for test in document["tests"]]

    def test_what_uses_the_changed_file_comes_first(self):
        head = self.commit({"torch/nn/pooling.py": TREE["torch/nn/pooling.py"].replace("1", "2")})
        document = self.impact("--fraction", 1)
        self.assertEqual(document["schema"], "spyre-ci/impact@1")
        self.assertEqual((document["base"], document["revision"]), (self.base, head))
        self.assertEqual(document["changed"], [{"path": "torch/nn/pooling.py"}])
        self.assertEqual(self.ids(document)[:2], [MAX, OTHER])
        self.assertEqual(document["tests"][0]["reason"]["kind"], "mentions")
        self.assertEqual(len(document["tests"]), document["totals"]["in_scope"])
        scores = [test["score"] for test in document["tests"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        few = self.impact("--fraction", 0.2)
        self.assertEqual(self.ids(few), self.ids(document)[:len(few["tests"])])
        self.assertEqual(self.ids(self.impact("--evident")), self.ids(document)[:document["totals"]["evident"]])

    def test_an_edited_test_is_known_by_its_function(self):
        self.commit({"test/nn/test_pooling.py": TREE["test/nn/test_pooling.py"].replace("pass", "assert True")})
        document = self.impact("--limit", 1)
        self.assertEqual(self.ids(document), [OTHER])
        self.assertEqual(document["tests"][0]["reason"]["why"], "the test was changed")

    def test_what_began_to_fail_when_the_same_file_was_changed(self):
        far = "test/test_far.py::test_far"
        first = self.commit({"test/test_far.py": "import pathlib\n\n\ndef test_far():\n    hub = pathlib.Path(__file__)"
                                                 ".parent.parent / 'torch/hub.py'\n    assert 'return 1' in "
                                                 "hub.read_text()\n"})
        second = self.commit({"torch/hub.py": "def load():\n    return 2\n"})
        for revision, code in ((first, 0), (second, 1)):
            self.program("run", "--repo", self.directory, "--rev", revision, "--fraction", 1, "--only", "test/test_far.py",
                         "--run-dir", revision, code=code)
        self.commit({"torch/hub.py": "def load():\n    return 3\n"})
        found = {test["id"]: test for test in self.impact("--evident", base=second)["tests"]}
        self.assertEqual(found[far]["reason"]["kind"], "failures")
        self.assertNotIn(far, self.ids(self.impact("--evident", "--no-history", base=second)))

    def test_rules_know_c_plus_plus_and_documentation(self):
        self.commit({"aten/src/ATen/native/SpectralOps.cpp": "int y;\n", "docs/pooling.md": "other\n"})
        document = self.impact("--evident")
        self.assertEqual(self.ids(document)[0], "test/test_spectral_ops.py::TestFft::test_fft")
        self.assertEqual(document["tests"][0]["reason"]["kind"], "rule")
        ignored = {file["path"]: file.get("ignored", "") for file in document["changed"]}
        self.assertIn("pipelines/impact.yaml:", ignored["docs/pooling.md"])
        self.assertNotIn(MAX, self.ids(document))

    def test_a_deleted_and_a_renamed_file(self):
        self.commit({"torch/hub.py": None, "torch/nn/maxpool.py": TREE["torch/nn/pooling.py"],
                     "torch/nn/pooling.py": None})
        document = self.impact("--evident")
        changed = [file["path"] for file in document["changed"]]
        self.assertEqual(changed, ["torch/hub.py", "torch/nn/maxpool.py", "torch/nn/pooling.py"])
        self.assertIn("test/test_hub.py::TestHub::test_load", self.ids(document))

    def test_every_score_can_be_explained(self):
        self.commit({"torch/nn/pooling.py": TREE["torch/nn/pooling.py"].replace("1", "2")})
        profile = self.home / "profile.json"
        profile.write_text(json.dumps({"torch/nn/pooling.py": {"nn/test_pooling": 1.0}}))
        explained = self.impact("--profiling", profile, "--explain", MAX)
        self.assertEqual(explained["rank"], 1)
        self.assertEqual({clue["kind"] for clue in explained["clues"]}, {"mentions", "profiling", "imports", "kinship"})
        doubt = 1
        for clue in explained["clues"]:
            doubt *= 1 - clue["weight"] * clue["strength"]
        self.assertAlmostEqual(explained["score"], 1 - doubt)
        commits = ("--repo", self.directory, "--base", self.base, "--rev", "HEAD")
        text = self.program("impact", *commits, "--explain", MAX).stdout
        self.assertIn("test/nn/test_pooling.py → torch/nn/__init__.py → torch/nn/pooling.py", text)
        none = self.program("impact", "--source", self.directory, "--changed", "torch/hub.py", "--explain", MAX).stdout
        self.assertIn("no evidence: it comes in order of rank", none)

    def test_changed_files_given_by_hand(self):
        document = self.document("impact", "--source", self.directory, "--changed", "torch/hub.py", "./setup.py",
                                 "torch/../torch/hub.py", "--limit", 1)
        self.assertEqual(self.ids(document), ["test/test_hub.py::TestHub::test_load"])
        self.assertEqual([file["path"] for file in document["changed"]], ["setup.py", "torch/hub.py"])
        self.assertEqual((document["base"], document["revision"]), ("", ""))

    def test_plan_takes_the_selection(self):
        selection, plan = self.home / "selection.json", self.home / "plan.json"
        done = self.program("impact", "--source", self.directory, "--changed", "torch/nn/pooling.py", "--out", selection)
        self.assertEqual(done.stdout, "")
        chosen = json.loads(selection.read_text())
        self.assertEqual(chosen["schema"], "spyre-ci/selection@1")
        self.assertEqual(self.ids(chosen)[0], MAX)
        self.program("plan", "--selection", selection, "--cards", 2, "--no-history", "--out", plan)
        planned = {test for batch in json.loads(plan.read_text())["batches"] for test in batch["tests"]}
        self.assertEqual(planned, set(self.ids(chosen)))

    def test_bad_input_is_refused_with_one_line(self):
        by_hand = ("impact", "--source", self.directory, "--changed", "torch/hub.py")
        self.refused("impact", "--source", self.directory)
        self.refused("impact", "--source", self.directory, "--base", "main")
        self.refused("impact", "--changed", "torch/hub.py")
        self.refused(*by_hand, "--base", "main")
        self.refused("impact", "--source", self.directory, "--changed", "../torch/hub.py")
        self.refused("impact", "--source", self.directory, "--changed", "/torch/hub.py")
        self.refused("impact", "--repo", self.directory, "--base", "nowhere", "--rev", "HEAD")
        for fraction in ("0", "-1", "2", "nan", "x"):
            self.refused(*by_hand, "--fraction", fraction)
        self.refused(*by_hand, "--fraction", 1, "--evident")
        self.refused(*by_hand, "--explain", "test/test_hub.py::TestHub::test_lod")
        self.refused(*by_hand, "--profiling", self.home / "absent.json")
        self.refused(*by_hand, "--rules", self.home / "absent.yaml")
        wrong = self.home / "wrong"
        wrong.write_text("rules:\n- {changed: a, tests: b, weight: 2, note: n}\n")
        self.assertIn("wrong:2:34: expected a number", self.refused(*by_hand, "--rules", wrong))
        self.assertIn("wrong:1:", self.refused(*by_hand, "--profiling", wrong))
        for _ in range(10):
            wrong.write_bytes(os.urandom(1000))
            self.refused(*by_hand, "--profiling", wrong)
            self.refused(*by_hand, "--rules", wrong)
        wrong.write_bytes(b"\x1b[2Jrules: \xff\n")
        self.assertNotIn("\x1b[2J", self.refused(*by_hand, "--rules", wrong))

    def test_nothing_selected_has_a_code_of_its_own(self):
        self.refused("impact", "--repo", self.directory, "--base", "main", "--rev", "main", code=4)
        self.refused("impact", "--source", self.directory, "--changed", "docs/a.md", "--evident", code=4)
        self.refused("impact", "--source", self.directory, "--changed", "torch/hub.py", "--only", "test/absent.py", code=4)
