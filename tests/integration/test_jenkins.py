# SPDX-License-Identifier: Apache-2.0
"""`spyre-ci jenkins`, against a stand-in of a controller; and a second client, to see that the stand-in is like one."""
import json
import re
import signal
import subprocess
import tempfile
import threading
import unittest

import jenkins

from harness import ProgramTest
from jenkins_double import Controller


class JenkinsTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.controller = Controller()
        self.addCleanup(self.controller.close)
        self.token_file = self.home / "token"
        self.token_file.write_text(Controller.TOKEN + "\n")

    def identity(self):
        return ["--user", Controller.USER, "--token-file", self.token_file, "--poll", "20ms"]

    def trigger(self, *more, code=0, **environment):
        return self.program("--json", "jenkins", "trigger", "--url", self.controller.url, "--job", "spyre/upstream-pr",
                            "--parameter", "REVISION=main", *self.identity(), *more, code=code, **environment)

    def started(self):
        return json.loads(self.trigger().stdout)["build_url"]

    def wait(self, build, *more, code=0):
        return self.program("--json", "jenkins", "wait", "--build", build, *self.identity(), *more, code=code)


class Trigger(JenkinsTest):
    def test_it_waits_until_the_build_has_started(self):
        self.controller.polls_in_queue = 3
        done = json.loads(self.trigger("--parameter", "STAGE=a&b=ü %").stdout)
        self.assertEqual(done, {"queue_url": f"{self.controller.url}/queue/item/1",
                                "build_url": f"{self.controller.url}/job/spyre/job/upstream-pr/1"})
        self.assertEqual(self.controller.forms, [{"REVISION": "main", "STAGE": "a&b=ü %"}])
        self.assertEqual(self.controller.asked.count("GET /queue/item/1/api/json"), 4)

    def test_without_waiting(self):
        done = json.loads(self.trigger("--no-wait").stdout)
        self.assertEqual(done, {"queue_url": f"{self.controller.url}/queue/item/1"})
        self.assertEqual(len(self.controller.asked), 1)

    def test_a_job_without_parameters(self):
        self.program("jenkins", "trigger", "--url", self.controller.url + "/", "--job", "plain", *self.identity())
        self.assertEqual(self.controller.asked[0], "POST /job/plain/build")

    def test_a_token_needs_no_crumb_and_a_password_gets_one(self):
        self.trigger()
        self.assertNotIn("GET /crumbIssuer/api/json", self.controller.asked)
        self.token_file.write_text(Controller.PASSWORD)
        self.trigger()
        self.assertEqual(self.controller.asked.count("GET /crumbIssuer/api/json"), 1)
        self.assertEqual(len(self.controller.forms), 2)

    def test_the_token_from_the_environment(self):
        self.program("jenkins", "trigger", "--job", "plain", "--poll", "20ms", JENKINS_URL=self.controller.url,
                     JENKINS_USER=Controller.USER, JENKINS_TOKEN=Controller.TOKEN)
        self.assertEqual(len(self.controller.forms), 1)

    def test_a_controller_that_calls_itself_otherwise(self):
        self.controller.official = "https://jenkins.example.org/prefix"
        self.assertEqual(self.started(), f"{self.controller.url}/job/spyre/job/upstream-pr/1")

    def test_what_is_refused(self):
        self.token_file.write_text("wrong")
        self.assertIn("unknown user, or wrong token", self.trigger(code=2).stderr)
        self.token_file.write_text(Controller.TOKEN)
        cases = [(["--job", "no/such"], "not found, or not visible"), (["--job", "plain"], "does not have these parameters")]
        for more, why in cases:
            done = self.program("jenkins", "trigger", "--url", self.controller.url, *more, "--parameter", "X=1",
                                *self.identity(), code=2)
            self.assertIn(why, done.stderr)
        self.assertIn("not NAME=VALUE", self.trigger("--parameter", "novalue", code=2).stderr)
        self.refused("jenkins", "trigger", "--url", "ftp://x", "--job", "a")
        self.refused("jenkins", "trigger", "--url", "http://user:secret@host", "--job", "a")
        self.assertNotIn("secret", self.refused("jenkins", "trigger", "--url", "http://user:secret@host", "--job", "a"))

    def test_nobody_there(self):
        other = Controller()
        other.close()
        done = self.program("jenkins", "trigger", "--url", other.url, "--job", "plain", *self.identity(), code=3)
        self.assertIn("no response from", done.stderr)

    def test_cancelled_by_somebody(self):
        self.controller.polls_in_queue = 10**6
        self.controller.before = lambda _method, path: "queue/item" in path and self.controller.cancelled.append(1)
        done = self.trigger(code=3)
        self.assertIn("the queue item was cancelled", done.stderr)

    def test_what_does_not_start_in_time_is_taken_out_of_the_queue(self):
        self.controller.polls_in_queue = 10**6
        self.assertIn("did not start", self.trigger("--timeout", "50ms", code=3).stderr)
        self.assertEqual(self.controller.cancelled, [1])


class Wait(JenkinsTest):
    def test_the_result_is_the_exit_code(self):
        for result, code in (("SUCCESS", 0), ("UNSTABLE", 1), ("FAILURE", 3), ("ABORTED", 3), ("NOT_BUILT", 3)):
            self.controller.result = result
            done = json.loads(self.wait(self.started() + "/", code=code).stdout)
            self.assertEqual(done["result"], result)

    def test_it_waits_until_the_end(self):
        self.controller.polls_running = 4
        self.wait(self.started())
        self.assertEqual(len([ask for ask in self.controller.asked if "tree=number" in ask]), 5)

    def test_artifacts(self):
        build = self.started()
        self.controller.artifacts = {"spyre-ci/shard-0.1/run.json": b"{}", "spyre-ci/shard-0.1/a b.jsonl": b"x",
                                     "log.txt": b""}
        self.wait(build, "--artifact", "spyre-ci/shard-*/*.json*", "--into", self.home / "out")
        out = self.home / "out"
        fetched = {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()}
        self.assertEqual(fetched, {"spyre-ci/shard-0.1/run.json": b"{}", "spyre-ci/shard-0.1/a b.jsonl": b"x"})
        self.assertIn("no artifact that matches", self.wait(build, "--artifact", "no/such.json", code=2).stderr)

    def test_an_artifact_that_leads_elsewhere(self):
        build = self.started()
        for path in ("../evil", "/etc/evil", "a/../../evil", ""):
            self.controller.artifacts = {path: b"x"}
            self.wait(build, "--artifact", "**", "--into", self.home / "deep/out", code=2)
        self.assertFalse(list(self.home.rglob("evil")))

    def test_a_controller_that_restarts_is_waited_for(self):
        build = self.started()
        self.controller.failures = [503, 502, 500]
        done = self.wait(build)
        self.assertEqual(done.stderr.count("warning:"), 3)

    def test_a_build_that_is_not_there(self):
        self.started()
        self.assertIn("not found, or not visible", self.wait(f"{self.controller.url}/job/plain/99", code=2).stderr)
        self.refused("jenkins", "wait", "--build", "http://host/7")

    def test_what_does_not_end_in_time_is_stopped(self):
        self.controller.polls_running = 10**6
        self.assertIn("did not end", self.wait(self.started(), "--timeout", "50ms", code=3).stderr)
        self.assertEqual(self.controller.stopped, [1])

    def test_an_interrupted_wait_stops_the_build(self):
        self.controller.polls_running = 10**6
        build = self.started()
        asked = threading.Event()
        self.controller.before = lambda _method, path: asked.set()
        process = subprocess.Popen(self.arguments("jenkins", "wait", "--build", build, *self.identity()), cwd=self.home,
                                   env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.assertTrue(asked.wait(60))
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 143)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(self.controller.stopped, [1])

    def test_no_token_in_arguments_or_output(self):
        build = self.started()
        done = self.program("--log-level", "debug", "jenkins", "wait", "--build", build, *self.identity())
        self.assertNotIn(Controller.TOKEN, done.stdout + done.stderr)
        self.refused("jenkins", "wait", "--build", build, "--token", "x")


class Secure(JenkinsTest):
    def setUp(self):
        super().setUp()
        self.certificate = self.home / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.home / "key.pem",
                        "-out", self.certificate], check=True, capture_output=True)
        both = self.home / "both.pem"
        both.write_text(self.certificate.read_text() + (self.home / "key.pem").read_text())
        self.controller = Controller(both)
        self.addCleanup(self.controller.close)

    def test_a_certificate_that_the_system_trusts(self):
        self.trigger(SSL_CERT_FILE=str(self.certificate))
        self.assertEqual(len(self.controller.forms), 1)

    def test_no_token_goes_to_a_controller_with_another_certificate(self):
        done = self.trigger(code=3)
        self.assertIn("certificate", done.stderr.lower())
        self.assertEqual(self.controller.asked, [])


class InABuild(ProgramTest):
    """What a run finds in the environment of a build."""

    def environment(self, **more):
        kept = super().environment(**more)
        kept.pop("TMPDIR", None)
        return kept

    def run_in(self, **environment):
        tree = self.empty_tree()
        (tree / "test/test_where.py").write_text("import os\n\ndef test_where():\n"
                                                 "    print('temporary:', os.environ['TMPDIR'])\n"
                                                 "    assert 'JENKINS_NODE_COOKIE' not in os.environ\n"
                                                 "    assert False\n")
        self.program("run", "--source", tree, "--fraction", "1", "--run-dir", self.home / "run", code=1, **environment)
        junit, = (self.home / "run/junit").glob("*.xml")
        self.assertIn("AssertionError", junit.read_text())
        return re.search(r"temporary: (/[^\s&<]+)", junit.read_text()).group(1)

    def test_identity_and_link(self):
        self.run_in(JOB_NAME="spyre/nightly", BUILD_NUMBER="7", BUILD_URL="https://ci.example/job/spyre/7/",
                    BRANCH_NAME="PR-3", CHANGE_ID="3", CHANGE_TARGET="main", JENKINS_NODE_COOKIE="c",
                    SECRET_TOKEN="t0ken")
        build = json.loads((self.home / "run/run.json").read_text())["build"]
        self.assertEqual(build, {"JOB_NAME": "spyre/nightly", "BUILD_NUMBER": "7",
                                 "BUILD_URL": "https://ci.example/job/spyre/7/", "BRANCH_NAME": "PR-3",
                                 "CHANGE_ID": "3", "CHANGE_TARGET": "main"})
        self.assertIn('href="https://ci.example/job/spyre/7/"', (self.home / "run/report.html").read_text())

    def test_scratch_is_the_workspaces(self):
        with tempfile.TemporaryDirectory(prefix="ws-") as workspace:
            self.assertTrue(self.run_in(WORKSPACE_TMP=f"{workspace}/a@tmp").startswith(f"{workspace}/a@tmp/"))

    def test_unless_its_path_is_too_long_for_sockets(self):
        long = f"{self.home}/{'a' * 60}@tmp"
        self.assertFalse(self.run_in(WORKSPACE_TMP=long).startswith(long))


class SecondClient(JenkinsTest):
    """python3-jenkins speaks to real controllers: what it is content with, the stand-in does right."""

    def client(self, password=Controller.TOKEN):
        client = jenkins.Jenkins(self.controller.url, username=Controller.USER, password=password, timeout=20)
        self.addCleanup(client._session.close)
        return client

    def test_from_the_queue_to_the_end(self):
        client = self.client()
        item = client.build_job("spyre/upstream-pr", {"REVISION": "main"})
        self.assertEqual(self.controller.forms, [{"REVISION": "main"}])
        self.assertNotIn("executable", client.get_queue_item(item))
        number = client.get_queue_item(item)["executable"]["number"]
        self.assertTrue(client.get_build_info("spyre/upstream-pr", number)["building"])
        self.assertEqual(client.get_build_info("spyre/upstream-pr", number)["result"], "SUCCESS")

    def test_a_password_needs_a_crumb(self):
        client = self.client(Controller.PASSWORD)
        client.build_job("spyre/upstream-pr", {"REVISION": "main"})
        self.assertIn("GET /crumbIssuer/api/json", self.controller.asked)
        self.assertEqual(len(self.controller.forms), 1)

    def test_stop_and_cancel(self):
        self.controller.polls_running = 10**6
        client = self.client()
        item = client.build_job("spyre/upstream-pr", {"REVISION": "main"})
        client.get_queue_item(item)
        number = client.get_queue_item(item)["executable"]["number"]
        client.stop_build("spyre/upstream-pr", number)
        self.assertEqual(client.get_build_info("spyre/upstream-pr", number)["result"], "ABORTED")
        client.cancel_queue(client.build_job("spyre/upstream-pr", {"REVISION": "main"}))
        self.assertEqual(self.controller.cancelled, [2])


if __name__ == "__main__":
    unittest.main()
