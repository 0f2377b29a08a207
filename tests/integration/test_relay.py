# SPDX-License-Identifier: Apache-2.0
"""The relay, over real HTTP and TLS: every answer that it can give, dispatches and tokens."""
import http.server
import json
import os
import pathlib
import subprocess
import threading

from relay_double import ISSUER, REPOSITORY, Refusal, RelayDouble, make_certificate, token
from relay_harness import SHA, RelayTest, client_payload


class TestAnswers(RelayTest):
    def fail_with(self, *faults):
        """The first calls, one fault each."""
        self.double.fault = lambda call, body: faults[call - 1] if call <= len(faults) else None

    def test_a_job_from_beginning_to_end(self):
        self.send("in_progress")
        self.assertEqual(self.final(), "in_progress")
        self.send("completed", "--build-url", "https://jenkins.example/1", "--artifact-url", "https://jenkins.example/a")
        self.assertEqual(self.final(), "completed")
        self.assertEqual(self.states(), ["delivered", "delivered"])
        begun, ended = (json.loads(raw)["workflow"] for _, _, raw in self.double.calls)
        self.assertEqual((begun["status"], begun["conclusion"]), ("in_progress", None))
        self.assertEqual((ended["status"], ended["conclusion"]), ("completed", "success"))
        self.assertEqual(ended["url"], "https://jenkins.example/1")
        self.assertEqual(begun["check_run_id"], ended["check_run_id"])
        for path, headers, raw in self.double.calls:
            self.assertEqual(path, "/github/callback")
            self.assertEqual(headers["Authorization"], f"Bearer {self.token}")
            self.assertEqual(headers["Content-Type"], "application/json")
            self.assertTrue(raw.startswith(client_payload().encode()[:-1] + b',"workflow":{"status":"'), raw)

    def test_the_same_message_is_sent_once(self):
        self.send("in_progress")
        self.assertIn("in the outbox already", self.send("in_progress").stderr)
        self.assertEqual(len(self.double.calls), 1)

    def test_githubs_event_file(self):
        (self.home / "d-1.json").write_text(f'{{"action":"pull_request","client_payload":{client_payload()},"x":[]}}')
        self.send("in_progress")
        self.assertTrue(self.double.calls[0][2].startswith(client_payload().encode()[:-1]))

    def test_somebody_else_was_faster(self):
        """Another machine, with an outbox of its own, says the same."""
        other = self.settings(outbox=self.home / "other.sqlite")
        self.send("completed", code=1)  # it has not begun
        self.assertIn("invalid state transition", self.messages()[0]["reason"])
        self.send("in_progress", settings=other)
        self.assertIn("invalid state transition", self.send("in_progress", code=1).stdout)
        self.send("completed", settings=other)
        self.send("completed", "--run-attempt", 2, code=1)
        self.assertEqual(len(self.double.commits[f"{REPOSITORY}/d-1/spyre/stage 1/77"]), 2)
        self.send("completed", "--nightly", SHA, settings=other)
        self.assertIn("delivered", self.send("completed", "--nightly", SHA).stdout)  # the relay says: duplicate

    def test_nightly_and_periodic(self):
        self.send("completed", "--nightly", SHA)
        body = json.loads(self.double.calls[0][2])
        self.assertEqual((body["event_type"], body["delivery_id"], body["payload"]), ("nightly", SHA, {"head_sha": SHA}))
        self.refused(*self.send_arguments("in_progress", "--nightly", SHA))
        self.assertEqual(len(self.double.calls), 1)

    def test_ignored_is_told_loudly(self):
        for level, repository in (("L1", REPOSITORY), ("L2", "torch-spyre/Torch-Spyre")):
            self.double.level, self.double.repository = level, repository
            delivery = f"d-{level}"
            self.dispatch(delivery)
            done = self.send("in_progress", delivery=delivery, code=1)
            self.assertIn("warning", done.stderr)
            self.assertIn("allow-list", done.stderr)
        self.assertEqual(self.states(), ["lost", "lost"])

    def test_refusals_are_dead_letters_with_a_reason(self):
        for number, (prepare, reason) in enumerate((
                (lambda: self.double.dispatched.clear(), "no matching dispatch record"),
                (lambda: (self.home / "token").write_text(token(iss="https://agent.buildkite.com")), "403"),
                (lambda: setattr(self.double, "claims_of", self.refuse_tokens), "401"),
                (lambda: self.fail_with(*["bad_field"] * 100), "missing field"),
                (lambda: self.fail_with(*["hud_refused"] * 100), "422"),
                (lambda: self.fail_with(*["redirect"] * 100), "redirected"))):
            self.double.fault = lambda call, body: None
            self.double.__dict__.pop("claims_of", None)
            (self.home / "token").write_text(self.token)
            delivery = f"d-{number}"
            self.dispatch(delivery)
            prepare()
            done = self.send("in_progress", delivery=delivery, code=1)
            self.assertIn("dead after 1 attempt", done.stdout)
            self.assertIn(reason, done.stdout)
        self.flush()
        self.assertEqual(len(self.double.calls), 6, "none is sent again by itself")

    @staticmethod
    def refuse_tokens(_authorization):
        raise Refusal(401, "bad signature")

    def test_a_dead_letter_can_be_sent_again(self):
        self.double.dispatched.clear()
        self.send("in_progress", code=1)
        self.send("completed", code=1)
        self.assertEqual(self.states(), ["dead", "dead"])
        status = self.program("relay", "status").stdout
        self.assertIn("the relay never dispatched this delivery", status)
        self.assertIn("--retry", status)
        self.double.dispatched.add("d-1")
        self.assertIn("2 delivered", self.flush("--retry").stdout)
        self.assertEqual(self.final(), "completed")

    def test_what_is_tried_again(self):
        for fault in ("redis_write", "redis_down", "drop", "garbage", "half", "page", "drop_after", "hud_down"):
            with self.subTest(fault):
                self.double.calls.clear()
                delivery = f"d-{fault}"
                self.dispatch(delivery)
                self.fail_with(fault)
                done = self.send("in_progress", delivery=delivery, code=3)
                self.assertIn("waiting", done.stdout)
                self.flush("--wait", "60s")
                self.fail_with()
                self.double.calls.clear()
                self.fail_with(fault)
                self.send("completed", delivery=delivery, code=3)
                self.flush("--wait", "60s")
                self.assertEqual(self.final(delivery), "completed")
                self.assertEqual(len(self.double.commits[f"{REPOSITORY}/{delivery}/spyre/stage 1/77"]), 2)
        probable = [message for message in self.messages() if message["state"] == "probably_delivered"]
        self.assertEqual(len(probable), 8, "of these four faults came after the relay had taken the message")

    def test_a_slow_answer(self):
        self.fail_with("slow")
        self.send("in_progress", code=3, settings=self.settings(response_timeout="300ms"))
        self.flush("--wait", "60s")
        self.assertEqual(self.states(), ["probably_delivered"])

    def test_an_answer_that_drips_in_for_ever(self):
        self.fail_with("drip")
        self.send("in_progress", code=3, settings=self.settings(response_timeout="300ms"))
        self.flush()
        self.assertEqual(self.states(), ["probably_delivered"])

    def test_nobody_there(self):
        settings = self.settings(url="http://localhost:1/github/callback")
        done = self.send("in_progress", code=3, settings=settings)
        self.assertIn("no response", done.stdout)
        self.send("completed", code=3, settings=settings)
        self.assertEqual(self.states(), ["waiting", "waiting"])
        self.flush("--url", self.server.url)
        self.assertEqual(self.final(), "completed")

    def test_completed_never_comes_first(self):
        self.fail_with("redis_write", "redis_write")
        self.send("in_progress", code=3)
        self.send("completed", code=3)
        self.assertEqual({json.loads(raw)["workflow"]["status"] for _, _, raw in self.double.calls}, {"in_progress"})
        self.time_passes()
        self.flush("--wait", "60s")
        self.assertEqual(self.final(), "completed")

    def test_too_many_calls(self):
        now = [1000.0]
        self.double.clock, self.double.limit = lambda: now[0], 5
        for number in range(8):
            self.dispatch(f"d-{number}")
            self.send("in_progress", "--no-wait", "--no-token", delivery=f"d-{number}")
        done = self.flush(code=3, calls_a_minute=1000)
        self.assertIn("6 attempts: 5 delivered", done.stdout)
        self.assertIn("429", done.stderr)
        self.assertIn("0 attempts", self.flush(code=3, calls_a_minute=1000).stdout, "the pause is everybody's")
        self.time_passes()
        now[0] += 61
        self.flush(calls_a_minute=1000)
        self.assertEqual(self.double.answers.count(429), 1)

    def test_many_make_the_outbox_at_once(self):
        for number in range(20):
            self.dispatch(f"d-{number}")
        senders = [subprocess.Popen(
            self.arguments(*self.send_arguments("in_progress", "--no-wait", "--no-token", delivery=f"d-{number}")),
            cwd=self.home, env=self.environment(), stdout=subprocess.DEVNULL) for number in range(20)]
        self.assertEqual([sender.wait() for sender in senders], [0] * 20)
        self.assertEqual(len(self.messages()), 20)

    def test_never_more_calls_than_allowed(self):
        for number in range(12):
            self.dispatch(f"d-{number}")
            self.send("in_progress", "--no-wait", "--no-token", delivery=f"d-{number}")
        # Two agents at once draw from one bucket: a fifth of ten in one go, and eight a minute from then on.
        flushes = [threading.Thread(target=self.flush, kwargs={"code": None, "calls_a_minute": 10}) for _ in range(2)]
        for thread in flushes:
            thread.start()
        for thread in flushes:
            thread.join()
        self.assertGreaterEqual(len(self.double.calls), 2)
        self.assertLess(len(self.double.calls), 12)


class TestRefusedHere(RelayTest):
    def refusal(self, status, *changes):
        text = self.refused(*self.send_arguments(status, *changes))
        self.assertEqual(self.double.calls, [])
        return text

    def test_wrong_values_never_leave(self):
        for option, value, says in (("--run-id", "jenkins-7", "run id"), ("--run-id", "0", "run id"),
                                    ("--run-attempt", "0", "run attempt"), ("--job-name", "a:b", "':'"),
                                    ("--job-name", "12", "number"), ("--repository", "spyre", "owner/name"),
                                    ("--check-run-id", "", "check run id"), ("--build-url", "ftp://x", "--build-url")):
            with self.subTest(f"{option} {value}"):
                arguments = list(map(str, self.send_arguments("in_progress")))
                if option in arguments:
                    arguments[arguments.index(option) + 1] = value
                else:
                    arguments += [option, value]
                self.assertIn(says, self.refused(*arguments))
        self.assertEqual(self.double.calls, [])
        self.assertFalse(self.outbox().exists(), "nothing is kept of a mistake")

    def test_both_callbacks_have_the_same_check_run(self):
        self.send("in_progress")
        arguments = list(map(str, self.send_arguments("completed")))
        arguments[arguments.index("--check-run-id") + 1] = "78"
        self.assertIn("'77'", self.refused(*arguments))

    def test_mistakes_of_the_command_line(self):
        self.refusal("done")
        self.refusal("completed", "--conclusion", "green")
        self.refusal("completed", "--from", "nowhere")
        self.refusal("in_progress", "--nightly", "main")
        self.refusal("in_progress", "--token-oidc")
        (self.home / "v.json").write_text('{"schema_version": 1, "category": "infrastructure"}')
        self.assertIn("v.json: \"category\"", self.refusal("completed", "--verdict", "v.json"))
        (self.home / "d-1.json").write_text('{"event_type": "push",}')
        self.assertIn("d-1.json:1:", self.refusal("in_progress"))
        (self.home / "d-1.json").write_text("[" * 100_000)
        self.assertIn("nested", self.refusal("in_progress"))
        (self.home / "d-1.json").write_bytes(b'{"x":"' + b"x" * 5_000_000 + b'"}')
        self.refusal("in_progress")

    def test_urls_and_limits(self):
        for url in ("http://relay.example/github/callback", "https://relay.example/github/callback/", "relay"):
            self.assertIn("URL", self.refused(*self.send_arguments("in_progress", settings=["--set", f"relay.url={url}"])))
        https = ["--set", "relay.url=https://relay.invalid/github/callback"]
        self.assertIn("60 s", self.refused(*self.send_arguments("in_progress", settings=[
            *https, "--set", "relay.response_timeout=30s"])))
        self.assertIn("99", self.refused(*self.send_arguments("in_progress", settings=[
            *https, "--set", "relay.calls_a_minute=100"])))
        self.assertIn("--url", self.refused(*self.send_arguments("in_progress", settings=["--set", "relay.url="])))

    def test_an_outbox_that_is_something_else(self):
        (self.home / "other").write_text("x" * 5000)
        self.assertIn("outbox", self.refused(*self.send_arguments(
            "in_progress", settings=self.settings(outbox=self.home / "other"))))
        self.assertEqual((self.home / "other").read_text(), "x" * 5000)


class TestTls(RelayTest):
    def setUp(self):
        super().setUp()
        self.certificate = make_certificate(self.home)
        self.server = self.serve(self.double, self.certificate)

    def test_with_its_authority(self):
        self.send("in_progress", settings=self.settings(ca_file=self.certificate[0]))
        self.assertEqual(self.final(), "in_progress")

    def test_without_it_nothing_is_sent(self):
        done = self.send("in_progress", code=3)
        self.assertIn("certificate", done.stdout)
        self.assertEqual(self.double.calls, [])
        self.assertIn("no certificate", self.refused(*self.send_arguments(
            "in_progress", settings=self.settings(ca_file=self.home / "missing.pem"))).replace("cannot read",
                                                                                              "no certificate"))

    def test_of_another_name(self):
        self.server = self.serve(self.double, make_certificate(self.home, "relay.example"))
        self.send("in_progress", code=3, settings=self.settings(ca_file=self.home / "relay.example.pem"))
        self.assertEqual(self.double.calls, [])

    def test_a_connection_that_breaks_while_it_is_secured(self):
        plain = self.serve(RelayDouble())
        settings = self.settings(url=plain.url.replace("http:", "https:"))
        self.assertIn("waiting", self.send("in_progress", code=3, settings=settings).stdout)


class TestRedirects(RelayTest):
    def test_the_token_does_not_follow(self):
        elsewhere = self.serve(RelayDouble())
        self.double.answer = lambda *_: (302, "", {"Location": elsewhere.url})
        self.send("in_progress", code=1)
        self.assertEqual(elsewhere.double.calls, [])
        self.assertEqual(len(self.double.calls), 1)
        self.assertIn(elsewhere.url, self.messages()[0]["reason"])


class TestProxy(RelayTest):
    def test_what_is_not_loopback_goes_through_the_proxy(self):
        seen = []

        class Proxy(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):
                seen.append(self.path)
                self.send_error(502)

            def log_message(self, *arguments):
                pass

        proxy = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        environment = {"https_proxy": f"http://me:s3cr3t@127.0.0.1:{proxy.server_address[1]}"}
        settings = ["--set", "relay.url=https://relay.invalid/github/callback"]
        done = self.program(*self.send_arguments("in_progress", settings=settings), code=3, **environment)
        self.assertEqual(seen, ["relay.invalid:443"])
        self.assertNotIn("s3cr3t", done.stdout + done.stderr)
        self.dispatch("d-2")
        self.send("in_progress", delivery="d-2", **environment)
        self.assertEqual(len(seen), 1, "loopback does not")


class TestTokens(RelayTest):
    def test_every_attempt_has_a_fresh_one(self):
        script = self.home / "fresh"
        script.write_text("#!/bin/sh\necho >>count\ncat \"token.$(wc -l <count)\"\n")
        script.chmod(0o755)
        for number in (1, 2):
            (self.home / f"token.{number}").write_text(token(jti=str(number)))
        self.double.fault = lambda call, body: "redis_write" if call == 1 else None
        source = ("--no-token", "--token-command", str(script))
        self.send("in_progress", *source, code=3)
        self.program(*self.settings(backoff="1ms"), "relay", "flush", "--token-command", str(script))
        tokens = [headers["Authorization"] for _, headers, _ in self.double.calls]
        self.assertEqual(len(set(tokens)), 2)

    def test_expired_or_of_somebody_else(self):
        (self.home / "token").write_text(token(exp=1_600_000_000))
        self.assertIn("expired", self.send("in_progress", code=3).stdout)
        (self.home / "token").write_text(token(repository="torch-spyre/Torch-Spyre"))
        self.time_passes()
        self.flush(code=1)
        self.assertIn("'torch-spyre/Torch-Spyre'", self.messages()[0]["reason"])
        self.assertEqual(self.double.calls, [])

    def test_of_github_actions(self):
        asked = []
        value = self.token

        class Issuer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers["Authorization"]))
                text = json.dumps({"value": value}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        issuer = http.server.HTTPServer(("127.0.0.1", 0), Issuer)
        thread = threading.Thread(target=issuer.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(issuer.server_close)
        self.addCleanup(issuer.shutdown)
        environment = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{issuer.server_address[1]}/token?v=2",
                       "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s3cr3t"}
        self.program(*self.send_arguments("in_progress", "--no-token"), **environment)
        self.assertEqual(asked, [("/token?v=2&audience=pytorch-cross-repo-ci-relay", "bearer s3cr3t")])

    def test_a_token_is_seen_nowhere(self):
        """Not in the outbox, not in logs and errors, not in a command line, and not in what a test finds."""
        mark = "TOKENMARK" * 3
        secret = token(signature=mark)
        begun, seen = self.home / "begun", self.home / "seen"
        tree = self.empty_tree()
        (tree / "test/test_looks.py").write_text(
            "import os\n\n\ndef test_looks():\n"
            f"    with open({str(seen)!r}, 'w') as file:\n        file.write(repr(dict(os.environ)))\n")
        looked = []

        def look(_call, raw):
            for name in filter(str.isdigit, os.listdir("/proc")):
                try:
                    looked.append(pathlib.Path(f"/proc/{name}/cmdline").read_bytes())
                except OSError:
                    continue
            self.assertNotIn(mark.encode(), raw)
            begun.touch()
            return "echo" if len(self.double.calls) > 1 else None
        self.double.fault = look
        answer = self.double.answer
        self.double.answer = lambda path, headers, raw, call: (
            answer(path, headers, raw, call) if call == 1 else (400, f"bad token {headers['Authorization']}", {}))
        source = ("--relay-token-env", "MY_VARIABLE", "--relay-repository", REPOSITORY, "--relay-run-id", 1,
                  "--relay-workflow", "w", "--relay-job-name", "j", "--relay-check-run-id", 1,
                  "--relay-dispatch", self.home / "d-1.json")
        done = self.program(*self.settings(), "--log-level", "debug", "run", "--source", tree, "--fraction", 1,
                            "--run-dir", "out", *source, MY_VARIABLE=secret, ACTIONS_ID_TOKEN_REQUEST_TOKEN=mark)
        self.assertEqual(len(self.double.calls), 2)
        self.assertIn("(token)", self.messages()[1]["reason"])
        self.assertNotIn(mark, done.stdout + done.stderr)
        self.assertNotIn(mark, seen.read_text())
        self.assertFalse([line for line in looked if mark.encode() in line])
        for path in self.home.rglob("*"):
            if path.is_file():
                self.assertNotIn(mark.encode(), path.read_bytes(), path)
        arguments = ("--set", "execute.environment.pass=[MY_VARIABLE]", *self.settings(), "run", "--source", tree,
                     "--fraction", 1, "--run-dir", "other", *source)
        self.assertIn("MY_VARIABLE", self.refused(*arguments, MY_VARIABLE=secret))


class TestDispatches(RelayTest):
    def webhook(self, **changes):
        return json.dumps({"action": "opened", "pull_request": {"number": 7, "head": {"sha": SHA},
                                                                "base": {"sha": "b" * 40}},
                           "repository": {"full_name": "pytorch/pytorch"}, **changes})

    def test_accepted_once_and_superseding(self):
        first = self.dispatch("d-1", payload=self.webhook())
        document = self.document("dispatch", "accept", first)
        self.assertEqual((document["schema"], document["decision"]), ("spyre-ci/dispatch@1", "accepted"))
        self.assertEqual(document["run"]["revision"], "pr/7")
        self.assertEqual(self.document("dispatch", "accept", first, code=4)["decision"], "duplicate")
        text = client_payload("d-2", self.webhook(action="synchronize"))
        self.assertEqual(self.document("dispatch", "accept", stdin=text)["supersedes"], ["d-1"])
        closed = self.dispatch("d-3", payload=self.webhook(action="closed"))
        self.assertIn("ignored", self.program("dispatch", "accept", closed, code=4).stdout)

    def test_of_strangers(self):
        text = client_payload("d-2", self.webhook(repository={"full_name": "somebody/pytorch"}))
        self.assertIn("somebody/pytorch", self.refused("dispatch", "accept", "-", stdin=text))
        self.program("--set", "relay.upstreams=[somebody/pytorch]", "dispatch", "accept", stdin=text)
        for wrong in ("", "{}", "[]", "\x00", '{"event_type":"push","delivery_id":"d","payload":{}}'):
            self.refused("dispatch", "accept", stdin=wrong)


class TestCheck(RelayTest):
    def check(self, *more, **options):
        return self.program(*self.settings(), "relay", "check", "--repository", REPOSITORY, "--token-file",
                            self.home / "token", *more, **options)

    def test_everything_but_sending(self):
        (self.home / "list.yml").write_text(f"L2:\n  - {REPOSITORY}: ann\n")
        done = self.check("--allow-list", self.home / "list.yml")
        self.assertIn("L2: results go to HUD", done.stdout)
        self.assertIn("would be sent", done.stdout)
        self.assertNotIn(self.token, done.stdout + done.stderr)
        self.assertFalse(any("Authorization" in headers for _, headers, _ in self.double.calls))

    def test_what_would_go_wrong(self):
        (self.home / "token").write_text(token(iss=f"{ISSUER}.example"))
        (self.home / "list.yml").write_text("L1: [torch-spyre/Torch-Spyre]\n")
        done = self.check("--allow-list", self.home / "list.yml", code=3)
        self.assertIn("is unknown to the relay", done.stdout)
        self.assertIn("the list has 'torch-spyre/Torch-Spyre'", done.stdout)
        findings = json.loads(self.program("--json", *self.settings(url="http://localhost:1/github/callback"), "relay",
                                           "check", code=3).stdout)["findings"]
        self.assertEqual({finding["state"] for finding in findings}, {"bad"})
