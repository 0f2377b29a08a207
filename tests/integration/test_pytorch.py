# SPDX-License-Identifier: Apache-2.0
"""The main job on a real PyTorch: the one that scripts/prepare-pytorch.sh made, with Debian's torch."""
import hashlib
import json
import subprocess
import sys

from harness import PROJECT, ProgramTest
from pytorch_source import pytorch_source

STUBS = PROJECT / "scripts/stubs"
# Small ones of each kind: device-generic, plain, parametrized, generated, with dtypes.
FILES = ["test/test_view_ops.py", "test/test_type_info.py", "test/test_namedtuple_return_api.py",
         "test/test_function_schema.py", "test/test_set_default_mobile_cpu_allocator.py", "test/test_numba_integration.py",
         "test/test_futures.py", "test/test_bundled_images.py", "test/test_type_hints.py", "test/test_pruning_op.py",
         "test/test_per_overload_api.py", "test/test_comparison_utils.py"]


class TestPyTorch(ProgramTest):
    def pytorch(self, command, *arguments, **options):
        options = {"code": 0, **options}
        return self.program("--set", f"python.path=[{STUBS}]", "--set", "python.preload=[torch]",
                            "--set", "pytorch.pinned=HEAD", command, "--repo", pytorch_source(), "--rev", "pinned",
                            *arguments, **options)

    def selected(self, *arguments):
        out = self.home / "selection.json"
        self.pytorch("select", *arguments, "--out", out)
        return out.read_bytes()

    def test_a_selection_is_the_same_bytes_each_time_and_contains_those_of_smaller_stages(self):
        smaller = []
        for stage in "1234":
            document = self.selected("--stage", stage)
            self.assertEqual(hashlib.sha256(document).digest(),
                             hashlib.sha256(self.selected("--stage", stage)).digest())
            tests = [test["id"] for test in json.loads(document)["tests"]]
            self.assertGreater(len(tests), len(smaller))
            self.assertEqual(tests[:len(smaller)], smaller, f"stage {stage} is not an extension of the one before")
            smaller = tests

    def collected_by_pytest(self, workspace):
        """Cases of FILES, as pytest itself names them from the tree's root."""
        done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider",
                               *(path.removeprefix("test/") for path in FILES)],
                              cwd=workspace / "test", capture_output=True, text=True, timeout=300, check=False,
                              env=self.environment(PYTHONPATH=f"{STUBS}:{workspace / 'test'}"))
        lines = [line for line in done.stdout.splitlines() if "::" in line and not line.startswith("ERROR")]
        self.assertGreater(len(lines), 300, done.stdout[-2000:])
        # The tree's pytest.ini makes its root the place that names start from.
        return {line if line.startswith("test/") else f"test/{line}" for line in lines}

    def test_real_files_run_and_no_case_is_missing_or_too_many(self):
        run_dir = self.home / "run"
        only = [argument for path in FILES for argument in ("--only", path)]
        done = self.pytorch("run", "--fraction", 1, *only, "--cards", "cpu:2", "--run-dir", run_dir, code=None)
        self.assertIn(done.returncode, (0, 1), done.stderr[-3000:])
        summary = json.loads((run_dir / "summary.json").read_text())
        totals = summary["totals"]
        outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run")
        self.assertEqual(totals["collected"], sum(totals[outcome] for outcome in outcomes))
        bad = sum(totals[outcome] for outcome in ("failed", "error", "crashed", "timed_out"))
        self.assertEqual(done.returncode, 1 if bad else 0, totals)
        self.assertGreater(totals["passed"], 200)

        events = [json.loads(line) for line in (run_dir / "journal.jsonl").read_text().splitlines()]
        ours = {event["id"] for event in events if event["event"] == "case_finished"}
        self.assertEqual(len(ours), totals["collected"])
        workspace = self.home / "workspace"
        self.pytorch("checkout", "--into", workspace)
        theirs = self.collected_by_pytest(workspace)
        selection = json.loads((run_dir / "selection.json").read_text())
        excluded = sum(selection["totals"]["excluded"].values())
        self.assertGreater(excluded, 0)
        # A file that cannot be imported is a case of its own.
        self.assertEqual(ours - theirs - set(FILES), set(), "cases that pytest does not know")
        missing = theirs - ours
        owners = self.owners(missing)
        self.assertEqual({case: unit for case, unit in owners.items() if self.in_scope(unit)}, {},
                         "cases of selected tests that did not come")

    def owners(self, cases):
        """Case → the unit it belongs to."""
        lines = self.pytorch("list", "--match", stdin="".join(f"{case}\n" for case in sorted(cases))).stdout.splitlines()
        return {case: line.rsplit("\t", 2)[1] for case, line in zip(sorted(cases), lines, strict=True)}

    def in_scope(self, unit):
        if not hasattr(self, "units"):
            document = json.loads(self.selected("--fraction", 1))
            self.units = {test["id"] for test in document["tests"]} | set(document["generators"])
        return unit in self.units
