# SPDX-License-Identifier: Apache-2.0
"""From a selection to a plan to its simulation, without running anything."""
import json

from harness import TREE, ProgramTest


class TestPlanning(ProgramTest):
    def plan(self, *arguments, cards=4, **options):
        selection, plan = self.home / "selection.json", self.home / "plan.json"
        self.program(*arguments, "select", "--source", TREE, "--fraction", 1, "--out", selection)
        self.program("plan", "--selection", selection, "--cards", cards, "--no-history", "--out", plan, **options)
        return plan

    def test_a_simulation_tells_where_the_time_goes(self):
        plan = self.plan()
        document = self.document("simulate", "--plan", plan)
        self.assertEqual(document["schema"], "spyre-ci/simulation@1")
        self.assertEqual(document["cards"], 4)
        self.assertGreaterEqual(document["makespan_s"], document["lower_bound_s"])
        seconds = document["card_seconds"]
        spent = seconds["tests"] + seconds["imports"] + seconds["lost"] + seconds["idle"]
        self.assertAlmostEqual(spent, 4 * document["makespan_s"], delta=0.1)
        fewer = self.document("simulate", "--plan", plan, "--cards", 1)
        self.assertGreater(fewer["makespan_s"], document["makespan_s"])
        self.assertIn("4 cards: ", self.program("simulate", "--plan", plan).stdout)

    def test_the_same_seed_has_the_same_accidents(self):
        plan = self.plan()
        accidents = ("--error", 0.3, "--failing-cards", 0.3)
        once = self.document("simulate", "--plan", plan, *accidents, "--seed", 3)
        self.assertEqual(once, self.document("simulate", "--plan", plan, *accidents, "--seed", 3))
        self.assertNotEqual(once, self.document("simulate", "--plan", plan, *accidents, "--seed", 4))

    def test_durations_are_enough_for_a_simulation(self):
        times = self.home / "times.json"
        times.write_text(json.dumps({"default": {"default": {f"test_{i}": 10.0 * (i + 1) for i in range(20)}}}))
        document = self.document("simulate", "--durations", times, "--cards", 16, "--tests", 500)
        self.assertEqual(document["cards"], 16)
        self.assertLess(document["ratio"], 2)

    def test_what_cannot_be_simulated_is_refused(self):
        plan = self.plan()
        self.refused("simulate")
        self.refused("simulate", "--plan", plan, "--durations", plan)
        self.refused("simulate", "--durations", plan)
        self.refused("simulate", "--plan", plan, "--cards", -1)
        self.refused("simulate", "--plan", plan, "--cards", 2, "--shards")
        self.refused("simulate", "--plan", plan, "--error", -1)

    def test_tests_that_need_several_cards_are_planned_as_gangs(self):
        rules = self.home / "gangs.yaml"
        rules.write_text("gangs:\n  - {tests: 'test/test_outcomes.py::*::test_pass*', cards: 3}\n")
        plan = json.loads(self.plan("--set", f"selection.gangs={rules}").read_text())
        wide = [batch for batch in plan["batches"] if batch["cards"] == 3]
        self.assertTrue(wide)
        for batch in wide:
            self.assertTrue(all("::test_pass" in test for test in batch["tests"]), batch)
        error = self.refused("plan", "--selection", self.home / "selection.json", "--cards", 2, "--no-history")
        self.assertIn("needs 3 cards at once, but there are only 2", error)

    def test_options_that_promise_several_values_take_them_in_a_row(self):
        files = ("test/test_outcomes.py", "test/test_crashes.py", "test/test_hangs.py")
        arguments = ("select", "--source", TREE, "--fraction", 1)
        once = self.document(*arguments, "--only", *files)
        self.assertEqual({test["id"].split("::")[0] for test in once["tests"]}, set(files))
        again = self.document(*arguments, "--only", files[0], "--only", *files[1:], "--limit", 1000)
        self.assertEqual({test["id"] for test in again["tests"]}, {test["id"] for test in once["tests"]})
        impact = self.document("impact", "--source", TREE, "--changed", "torch/__init__.py", "--fraction", 1, "--only", *files)
        self.assertEqual({test["id"].split("::")[0] for test in impact["tests"]}, set(files))

    def test_files_with_durations_may_be_given_in_a_row(self):
        self.program("select", "--source", TREE, "--fraction", 1, "--only", "test/test_outcomes.py", "test/test_crashes.py",
                     "--out", "selection.json")
        for name, seconds in (("outcomes", 1000.0), ("crashes", 2000.0)):
            (self.home / f"{name}.json").write_text(json.dumps({"default": {"default": {f"test_{name}": seconds}}}))
        plan = self.document("plan", "--selection", "selection.json", "--cards", 1, "--no-history", "--durations",
                             "outcomes.json", "crashes.json")
        self.assertGreater(plan["makespan_s"], 2900)
