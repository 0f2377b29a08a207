# SPDX-License-Identifier: Apache-2.0
"""Drives a worker over its protocol, as the agent does."""

import atexit
import fcntl
import json
import os
import pathlib
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

SOURCE = pathlib.Path(__file__).resolve().parents[3] / "agent/pytest"
PATIENCE = 120  # seconds without any event: the worker hangs, which fails the test


def pack_worker(source=SOURCE):
    """Pack the worker as the build does. Return the zip, which users without privileges can read too."""
    directory = tempfile.mkdtemp(prefix="spyre-ci-worker-")
    atexit.register(shutil.rmtree, directory)
    os.chmod(directory, 0o755)
    target = os.path.join(directory, "worker.zip")
    worker = source / "worker"
    modules = [path.relative_to(worker) for path in worker.rglob("*.py")]
    subprocess.run([sys.executable, "-B", source / "pack.py", target, worker, *modules], check=True)
    return target


WORKER = pack_worker()


class Worker:
    """One worker process. What it prints goes to the file `log`."""

    def __init__(self, log, preload="", environment=None, scratch="", program=WORKER, **options):
        commands, self.commands = os.pipe()
        self.events, events = os.pipe()
        arguments = [sys.executable, program, "--commands", str(commands), "--events", str(events)]
        if preload:
            arguments += ["--preload", preload]
        if scratch:
            arguments += ["--scratch", scratch]
        with open(log, "ab") as output:
            self.process = subprocess.Popen(arguments, pass_fds=(commands, events), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True,
                                            env={**os.environ, **(environment or {})}, **options)
        os.close(commands)
        os.close(events)
        self._buffer = b""

    def send(self, command, **fields):
        self.send_bytes(json.dumps({"command": command, **fields}).encode())

    def send_bytes(self, body):
        os.write(self.commands, struct.pack(">I", len(body)) + body)

    def event(self):
        """The next event, or None at the end of the pipe."""
        header = self._read(4)
        if header is None:
            return None
        return json.loads(self._read(struct.unpack(">I", header)[0]))

    def until(self, *names):
        """Events up to the first of one of these names. The end of the pipe or a problem on the way is an error."""
        events = []
        while not events or events[-1]["event"] not in names:
            event = self.event()
            if event is None or event["event"] == "problem" and "problem" not in names:
                raise AssertionError(f"waiting for {names}: {event} after {events[-5:]}")
            events.append(event)
        return events

    def open(self, root, file, **fields):
        """Opens a file. The event `collected`."""
        self.send("open", root=root, file=file, **{"cwd": root, "fork": True, "args": [], **fields})
        return self.until("collected")[-1]

    def run(self, cases, number=1, junit=None, text_limit=10000):
        """Runs the cases in one child. All events up to `child_ended`."""
        self.send("run", slice=number, cases=list(cases), junit=junit, text_limit=text_limit)
        return self.until("child_ended")

    def unread(self):
        """How many bytes of events wait in the pipe."""
        return struct.unpack("i", fcntl.ioctl(self.events, termios.FIONREAD, bytes(4)))[0]

    def end(self):
        """Closes the commands. The events that were left and the exit code."""
        self.close_commands()
        events = []
        while (event := self.event()) is not None:
            events.append(event)
        return events, self.process.wait(PATIENCE)

    def close_commands(self):
        if self.commands is not None:
            os.close(self.commands)
            self.commands = None

    def dispose(self):
        """Leaves nothing behind, whatever state the worker is in."""
        self.close_commands()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.events)

    def _read(self, size):
        while len(self._buffer) < size:
            if not select.select([self.events], [], [], PATIENCE)[0]:
                raise AssertionError("the worker said nothing for too long")
            part = os.read(self.events, 1 << 20)
            if not part:
                if self._buffer:
                    raise AssertionError(f"the events end in the middle of a frame: {self._buffer[:100]!r}")
                return None
            self._buffer += part
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


def finished(events):
    """{case: its `finish` event}"""
    return {event["case"]: event for event in events if event["event"] == "finish"}


def eventually(condition, patience=PATIENCE):
    """Waits for something that another process does."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
