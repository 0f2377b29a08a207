# SPDX-License-Identifier: Apache-2.0
"""The program in front of a relay's double."""
import json
import sqlite3

from harness import ProgramTest
from relay_double import REPOSITORY, RelayDouble, Server, token

SHA = "a" * 40
# Whatever is in a dispatch comes back byte for byte.
STRANGE = '{"number":7, "big":123456789012345678901234567890,"x":1,"x":2 ,"u":"\\u00e4\\ud83c\\udf0a ä🌊"}'


def client_payload(delivery="d-1", payload=STRANGE, event="pull_request"):
    return f'{{"event_type":"{event}","delivery_id":"{delivery}","payload":{payload}}}'


class RelayTest(ProgramTest):
    """A test with a relay on loopback, a fresh outbox and a token in a file."""

    def setUp(self):
        super().setUp()
        self.double = RelayDouble()
        self.server = self.serve(self.double)
        self.token = token()
        (self.home / "token").write_text(self.token)
        self.dispatch()

    def serve(self, double, certificate=None):
        server = Server(double, certificate)
        self.addCleanup(server.stop)
        return server

    def dispatch(self, delivery="d-1", **options):
        """The relay dispatches; the file that the bridging job gets."""
        self.double.dispatched.add(delivery)
        path = self.home / f"{delivery}.json"
        path.write_text(client_payload(delivery, **options))
        return path

    def settings(self, **more):
        """One attempt a message; flush() then tries again at once: what is due later than its own waits can be is of a
        clock that was set back."""
        values = {"response_timeout": "10s", "backoff": "1h", "url": self.server.url, **more}
        return [word for key, value in values.items() for word in ("--set", f"relay.{key}={value}")]

    def send_arguments(self, status, *more, delivery="d-1", job="stage 1", settings=None):
        result = ("--conclusion", "success") if status == "completed" and "--from" not in more else ()
        return (*(settings or self.settings()), "relay", "send", "--status", status, "--repository", REPOSITORY,
                "--run-id", 123, "--workflow", "spyre", "--job-name", job, "--check-run-id", 77,
                *(() if "--nightly" in more else ("--dispatch", self.home / f"{delivery}.json")), *result,
                *(() if "--no-token" in more else ("--token-file", self.home / "token")),
                *(word for word in more if word != "--no-token"))

    def send(self, status, *more, code=0, **options):
        names = {key: options.pop(key) for key in ("delivery", "job", "settings") if key in options}
        return self.program(*self.send_arguments(status, *more, **names), code=code, **options)

    def flush(self, *more, code=0, **settings):
        return self.program(*self.settings(**{"backoff": "1ms", **settings}), "relay", "flush", "--token-file", self.home / "token", *more,
                            code=code)

    def messages(self):
        return self.document("relay", "status")["messages"]

    def states(self):
        return [message["state"] for message in self.messages()]

    def outbox(self):
        return self.home / ".local/state/spyre-ci/outbox.sqlite"

    def time_passes(self):
        """As if claims of processes that died, waits and the pause after too many calls were over."""
        with sqlite3.connect(self.outbox(), timeout=60) as database:
            if database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'rates'").fetchone() == (0,):
                return
            database.execute("UPDATE messages SET claimed_until = 1, due = 1")
            database.execute("DELETE FROM rates")

    def final(self, delivery="d-1", job="stage 1"):
        """What the relay holds of a job, after all."""
        return self.double.states.get(f"{REPOSITORY}/{delivery}/spyre/{job}/77")

    def workflow(self, number=-1):
        return json.loads(self.double.calls[number][2])["workflow"]
