# SPDX-License-Identifier: Apache-2.0
"""The workflows of pipelines/github keep to rules that find what breaks them, and their scripts do their work."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import workflow_rules
from harness import PROJECT

FOLDER = PROJECT / "pipelines/github"
FILES = sorted(FOLDER.glob("*.yml"))
GOOD = (FOLDER / "package.yml").read_text()
BRIDGE = (FOLDER / "relay-bridge.yml").read_text()


def problems_of(text, name="package"):
    return workflow_rules.problems(name, yaml.safe_load(text), text)


def scripts(text):
    """The scripts of a workflow: [(job, name of the step, script)]."""
    found = []
    for job_name, job in yaml.safe_load(text)["jobs"].items():
        for step in job.get("steps", []):
            if "run" in step:
                found.append((job_name, step.get("name", ""), step["run"]))
    return found


class Rules(unittest.TestCase):
    def test_every_workflow_keeps_to_them(self):
        self.assertEqual(sorted(file.stem for file in FILES), ["lint", "package", "publish", "publish-test",
                                                               "pytorch-tests", "relay-bridge", "unit-tests"])
        for file in FILES:
            with self.subTest(file.name):
                self.assertEqual(problems_of(file.read_text(), file.stem), [])

    def assert_breaks(self, text, expected, name="package"):
        self.assertTrue([p for p in problems_of(text, name) if expected in p], problems_of(text, name))

    def test_pull_requests_with_the_rights_of_the_repository(self):
        self.assert_breaks(GOOD.replace("  pull_request:", "  pull_request_target:"), "pull_request_target")

    def test_secrets(self):
        with_secret = "timeout-minutes: 60\n    env: {T: '${{ secrets.T }}'}"
        self.assert_breaks(GOOD.replace("timeout-minutes: 60", with_secret), "secret")
        self.assert_breaks(GOOD + "    secrets: inherit\n", "secret")

    def test_rights(self):
        self.assert_breaks(GOOD.replace("permissions:\n  contents: read\n", ""), "no permissions")
        self.assert_breaks(GOOD.replace("contents: read", "contents: write"), "may write")
        self.assert_breaks(GOOD.replace("permissions:\n  contents: read", "permissions: write-all"), "may write")
        job_rights = "    timeout-minutes: 60\n    permissions: {%s: write}"
        self.assert_breaks(GOOD.replace("    timeout-minutes: 60", job_rights % "packages"), "may write")
        self.assert_breaks(GOOD.replace("    timeout-minutes: 60", job_rights % "id-token"), "id-token")

    def test_actions_that_are_not_pinned(self):
        commit = workflow_rules.KNOWN_ACTIONS["actions/checkout"][0]
        self.assert_breaks(GOOD.replace(commit, "v4"), "known commits")
        self.assert_breaks(GOOD.replace(commit, commit[::-1]), "known commits")
        self.assert_breaks(GOOD.replace("# v4.2.2", "# v4.9.9"), "known commits")
        self.assert_breaks(GOOD.replace("actions/setup-python@", "someone/setup-python@"), "known commits")

    def test_checkouts(self):
        self.assert_breaks(GOOD.replace("persist-credentials: false", "persist-credentials: true"), "keeps the token")
        self.assert_breaks(GOOD.replace("fetch-depth: 0", "ref: ${{ github.head_ref }}"), "another revision")
        checkout = GOOD[GOOD.index("      - uses: actions/checkout"):GOOD.index("      - uses: actions/setup-python")]
        with_checkout = BRIDGE.replace("    steps:\n", "    steps:\n" + checkout)
        self.assert_breaks(with_checkout, "checked out where", "relay-bridge")

    def test_expressions_in_scripts(self):
        self.assert_breaks(GOOD.replace("cat SHA256SUMS", "echo ${{ github.event.pull_request.title }}"), "expression")

    def test_machines_of_ours_and_limits(self):
        self.assert_breaks(GOOD.replace("runs-on: ubuntu-24.04", "runs-on: [self-hosted, spyre]"), "machine of ours")
        self.assert_breaks(GOOD.replace("    timeout-minutes: 60\n", ""), "no timeout-minutes")
        self.assert_breaks(GOOD.replace("concurrency:", "other:"), "no concurrency")


class Scripts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="spyre-ci-workflow-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def run_step(self, file, name, **environment):
        """Runs one step as a runner does."""
        script = [run for _, step, run in scripts((FOLDER / file).read_text()) if step == name]
        self.assertEqual(len(script), 1, f"{file} has no step '{name}'")
        return subprocess.run(["bash", "-e", "-c", script[0]], cwd=self.directory,
                              env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(self.directory),
                                   "GITHUB_ENV": str(self.directory / "env"), **environment},
                              capture_output=True, text=True, timeout=60, check=False)

    def test_all_are_good_shell(self):
        for file in FILES:
            for job, step, script in scripts(file.read_text()):
                with self.subTest(f"{file.name} {job}: {step}"):
                    done = subprocess.run(["shellcheck", "--shell=bash", "-"], input="set -e\n" + script,
                                          capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout)

    def dispatch(self, payload):
        event = self.directory / "event.json"
        event.write_text(json.dumps({"action": "push", "client_payload": {"delivery_id": "d", "payload": payload}}))
        return self.run_step("relay-bridge.yml", "Read the dispatch", GITHUB_EVENT_PATH=str(event))

    def test_the_bridge_reads_the_commit(self):
        head = "0123456789abcdef0123456789abcdef01234567"
        for payload in ({"pull_request": {"head": {"sha": head}}}, {"after": head}):
            (self.directory / "env").unlink(missing_ok=True)
            done = self.dispatch(payload)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((self.directory / "env").read_text(), f"REVISION={head}\n")

    def test_the_bridge_runs_nothing_of_a_dispatch(self):
        evil = "$(touch evil)`touch evil`'; touch evil; '\n\nEVIL=1"
        for payload in ({"pull_request": {"title": evil, "head": {"sha": evil}}}, {"after": "0" * 40 + "\nEVIL=1"}, {}):
            done = self.dispatch(payload)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("names no commit", done.stdout)
            self.assertFalse((self.directory / "evil").exists())
            self.assertFalse((self.directory / "env").exists())

    def told(self, ended):
        """What the bridge tells the relay at the end: a stand-in notes the words it is called with."""
        program = self.directory / "bin/spyre-ci"
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        program.chmod(0o755)
        done = self.run_step("relay-bridge.yml", "Tell the relay what came of it", ENDED=ended,
                             RELAY_URL="https://relay.test", GITHUB_RUN_ID="7", GITHUB_RUN_ATTEMPT="1",
                             GITHUB_WORKFLOW="relay bridge", GITHUB_REPOSITORY="o/r",
                             GITHUB_EVENT_PATH=str(self.directory / "event.json"),
                             PATH=f"{program.parent}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split("\n")

    def test_the_bridge_tells_of_every_shard(self):
        shards = [self.directory / f"relay/spyre-ci/shard-{name}" for name in ("0.1", "1.2")]
        for shard in shards:
            shard.mkdir(parents=True)
        words = self.told("success")
        self.assertEqual([words[i + 1] for i, word in enumerate(words) if word == "--from"], list(map(str, shards)))
        self.assertNotIn("--conclusion", words)
        self.assertEqual(words[words.index("--workflow") + 1], "relay bridge")
        self.assertEqual(words[words.index("--dispatch") + 1], str(self.directory / "event.json"))
        # The tests may have gone well: the relay hears that the job was cancelled all the same.
        self.assertEqual(self.told("cancelled")[self.told("cancelled").index("--conclusion") + 1], "cancelled")

    def test_the_bridge_tells_of_an_end_without_results(self):
        words = self.told("failure")
        self.assertEqual(words[words.index("--conclusion") + 1], "cancelled")
        self.assertNotIn("--from", words)

    def distribution(self, version="1.2.3"):
        (self.directory / "dist").mkdir()
        (self.directory / f"dist/torch_spyre-{version}.tar.gz").write_text("source")
        (self.directory / f"dist/torch_spyre-{version}-py3-none-any.whl").write_text("wheel")
        done = self.run_step("package.yml", "Note what was built")
        self.assertEqual(done.returncode, 0, done.stderr)

    def publish_check(self, tag="v1.2.3"):
        return self.run_step("publish.yml", "As it was built, and of the version of the tag", TAG=tag)

    def test_what_is_published_is_what_was_built(self):
        self.distribution()
        self.assertEqual(self.publish_check().returncode, 0)
        self.assertEqual(len(list((self.directory / "dist").iterdir())), 2)

    def test_what_was_changed_since_is_not_published(self):
        self.distribution()
        (self.directory / "dist/torch_spyre-1.2.3.tar.gz").write_text("something else")
        self.assertNotEqual(self.publish_check().returncode, 0)
        self.assertNotEqual(self.run_step("publish-test.yml", "As it was built").returncode, 0)

    def test_a_release_of_another_version_is_not_published(self):
        self.distribution()
        done = self.publish_check("v2.0.0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("does not match", done.stdout)


if __name__ == "__main__":
    unittest.main()
