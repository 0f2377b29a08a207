# SPDX-License-Identifier: Apache-2.0
"""Runs pytest for the agent: imports and collects a file once, then forks a child for each slice of its cases.

PROTOCOL.md says what the processes are and what they tell each other. This file is all of the Python side: it needs
Python 3.8, pytest 7 and Linux, and is started from a zip, as `python worker.zip --commands FD --events FD`.
"""

import argparse
import contextlib
import ctypes
import errno
import faulthandler
import fcntl
import gc
import importlib
import io
import json
import os
import platform
import re
import resource
import select
import signal
import stat
import struct
import sys
import tempfile
import threading
import traceback
import types
from sys import getrecursionlimit, setrecursionlimit
from time import monotonic


def as_imported(module, **changed):
    """What a module has in it now: tests replace functions in modules (mocks), and must not replace the worker's."""
    return types.SimpleNamespace(**{**vars(module), **changed})


os = as_imported(os, path=as_imported(os.path))
faulthandler, fcntl, json, resource, signal, struct = map(as_imported, (faulthandler, fcntl, json, resource, signal,
                                                                        struct))

PROTOCOL = 1
MAX_FRAME = 64 << 20
TEXT_LIMIT = 64 << 10  # when the command names none
MAX_TEXT = MAX_FRAME // 16  # whatever the command says
MESSAGE_LIMIT = 500
CRASH_LOG = 200  # the lowest number of the descriptor that stacks are written to, out of the way of tests; where so many
#                  files cannot be open, the highest

EXIT_BROKEN = 2  # what came from the agent is not the protocol
EXIT_UNUSABLE = 3
EXIT_AGENT_GONE = 4
EXIT_REFUSED = 5  # the machine does not give what the worker needs to start
EXIT_STRAY = 70  # of a process that a test forked and let return to us
EXIT_QUIT = 100  # of a host that was told to quit: root quits too

REFUSALS = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}
FORK_PATIENCE = 2  # seconds
FILES_NEEDED = 10  # by pytest and a test that does not open any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
F_SETPIPE_SZ = 1031


class BadCommand(Exception):
    """A command that cannot be followed; the next one may be fine."""


class BrokenProtocol(Exception):
    """Where the next frame begins is not known any more."""


class TooLarge(Exception):
    """An event that is no frame."""


class Refused(Exception):
    """The machine does not give what the worker needs."""

    def __init__(self, what, error):
        super().__init__(f"cannot {what}: {error.strerror}")
        self.errno = errno.errorcode.get(error.errno, str(error.errno))

    def fields(self):
        """The fields of `refused`."""
        return {"errno": self.errno, "message": str(self)}


class AgentGone(Exception):
    """The agent closed the commands, or ended."""


# ---- Frames -------------------------------------------------------------------------------------------------------


def read_exactly(fd, size):
    """The next bytes of a pipe and not one more, because root and host read the same one."""
    parts = []
    while size:
        try:
            part = os.read(fd, min(size, 1 << 20))
        except OSError:  # a test file closed it as it was imported
            part = b""
        if not part:
            raise AgentGone
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_command(fd):
    """The next command, an object with the key `command`."""
    (size,) = struct.unpack(">I", read_exactly(fd, 4))
    if size > MAX_FRAME:
        raise BrokenProtocol(f"a frame of {size} bytes is over the limit of {MAX_FRAME}")
    body = read_exactly(fd, size)
    try:
        command = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCommand(f"a command is not JSON: {error}") from None
    if not isinstance(command, dict) or not isinstance(command.get("command"), str):
        raise BadCommand("a command is not an object with the key 'command'")
    return command


def field(command, name, kinds, default=None):
    """A field of a command; one that is absent or null has the default, and without a default must be there."""
    value = command.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise BadCommand(f"'{command['command']}' needs the field '{name}'")
    return value


def as_unicode(text):
    """The text as it can be sent: lone surrogates, which are not Unicode, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def frame(event, fields):
    """An event as bytes, its text made Unicode."""
    body = json.dumps({"event": event, **fields}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if len(body) > MAX_FRAME:
        raise TooLarge(f"the event '{event}' of {len(body)} bytes is over the limit of {MAX_FRAME}")
    return struct.pack(">I", len(body)) + body


class Events:
    """The pipe to the agent. Only the process that owns it writes; what a test forked ends when it tries."""

    def __init__(self, descriptors, fd):
        self._descriptors = descriptors
        self._fd = fd
        self._owner = os.getpid()
        self._pending = []

    def take_over(self):
        """Makes this process, just forked, the one that writes."""
        self._owner = os.getpid()

    def end_strays(self):
        """Ends a process that a test forked and that came back from the test: it must neither run nor report cases."""
        if os.getpid() != self._owner:
            os._exit(EXIT_STRAY)

    def add(self, event, **fields):
        """Writes the event together with the next one that is sent."""
        self._pending.append(frame(event, fields))

    def send(self, event, **fields):
        self.add(event, **fields)
        self.flush()

    def flush(self):
        self.end_strays()
        self._descriptors.restore(self._fd)
        data = memoryview(b"".join(self._pending))
        self._pending.clear()
        while data:
            try:
                data = data[os.write(self._fd, data):]
            except BlockingIOError:
                os.set_blocking(self._fd, True)
            except OSError:
                os._exit(EXIT_AGENT_GONE)


class Descriptors:
    """The files that the worker needs open, and where to find them when a test has closed them: in the parent."""

    def __init__(self):
        self._known = {}

    def remember(self, numbers):
        for fd in numbers:
            with contextlib.suppress(OSError):
                self._known[fd] = (self._identity(fd), fcntl.fcntl(fd, fcntl.F_GETFL), os.get_inheritable(fd))

    def restore(self, *numbers):
        """Opens again those of these files, or of all, that are not what they were."""
        for fd in numbers or self._known:
            if self._identity(fd) != self._known[fd][0]:
                self._reopen(fd, *self._known[fd])

    @staticmethod
    def opened():
        """The numbers of all open files."""
        return {int(name) for name in os.listdir("/proc/self/fd")}

    @staticmethod
    def _identity(fd):
        try:
            status = os.fstat(fd)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _reopen(self, fd, identity, flags, inheritable):
        folder = f"/proc/{os.getppid()}/fd"
        # Appending, because a file that is opened again begins at its start.
        flags = flags & os.O_ACCMODE | os.O_APPEND | os.O_CLOEXEC
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):  # it was closed, or was opened for another use
                status = os.stat(f"{folder}/{name}")
                if (status.st_dev, status.st_ino) == identity:
                    found = os.open(f"{folder}/{name}", flags)
                    if found != fd:
                        os.dup2(found, fd)
                        os.close(found)
                    os.set_inheritable(fd, inheritable)
                    return


# ---- Processes ----------------------------------------------------------------------------------------------------


def prctl(option, value):
    """Sets a property of this process. Where the kernel cannot (False), the agent's own watch has to do."""
    return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0


def end_with(parent):
    """Makes this process end when its parent does. Whether it will."""
    certain = prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(EXIT_AGENT_GONE)
    return certain


def fork():
    """Fork; when the machine has no process to give, try for a while. Error: Refused."""
    ends = monotonic() + FORK_PATIENCE
    while True:
        try:
            return os.fork()
        except OSError as error:
            if monotonic() > ends:
                raise Refused("start a process", error) from None
        select.poll().poll(50)


@contextlib.contextmanager
def needed(what):
    """Turns it into Refused that the machine does not give what is asked for within."""
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        raise Refused(what, error) from None


def ask_for_descriptors():
    """Error: Refused, when there is no room for the files that every test needs."""
    taken = []
    try:
        with needed("open files"):
            while len(taken) < FILES_NEEDED:
                taken.append(os.dup(2))
    finally:
        for fd in taken:
            os.close(fd)


def hold_files():
    """Starts a process that does nothing but hold our files open: the agent would take their end for ours."""
    parent = os.getpid()
    if fork() == 0:
        while end_with(parent):
            signal.pause()
        os._exit(0)


def default_signals():
    """What Python itself starts with: the agent may have been started with signals ignored or blocked."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def children():
    """The processes whose parent is this one."""
    tasks = "/proc/self/task"
    found = set()
    try:
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/children", encoding="ascii") as file:
                found.update(map(int, file.read().split()))
    except FileNotFoundError:  # a kernel without this list
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.add(int(name))
    return found


def end_children(keep):
    """Ends and reaps all children besides those to keep, and theirs, which become ours. How many had to be ended."""
    ended = 0
    while True:
        left = children() - keep
        if not left:
            return ended
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                status = os.waitpid(pid, 0)[1]
                ended += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def wait_for(pid, commands):
    """Waits until the child ends, or ends it when the agent goes away. How it ended."""
    poller = select.poll()
    poller.register(commands, 0)  # only the end of the pipe wakes us
    timeout = 5
    pidfd = None
    with contextlib.suppress(AttributeError, OSError):  # Python 3.8, or a sandbox
        pidfd = os.pidfd_open(pid)
        poller.register(pidfd, select.POLLIN)
        timeout = None
    try:
        while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if any(fd == commands for fd, _ in poller.poll(timeout)):
                os.kill(pid, signal.SIGKILL)
                reap(pid)
                raise AgentGone
    finally:
        if pidfd is not None:
            os.close(pidfd)
    return reap(pid)


def reap(pid):
    """How a child that has ended did so: the fields `code`, `signal` and `rss`."""
    _, status, usage = os.wait4(pid, 0)
    signaled = os.WIFSIGNALED(status)
    return {"code": None if signaled else os.WEXITSTATUS(status),
            "signal": os.WTERMSIG(status) if signaled else None, "rss": usage.ru_maxrss * 1024}


def log_stacks(fd):
    """Makes crashes and SIGUSR1 write the stacks of all threads there. Again when a test took the signals for itself:
    faulthandler believes itself still there until it is told to go."""
    faulthandler.enable(file=fd)
    faulthandler.unregister(signal.SIGUSR1)
    faulthandler.register(signal.SIGUSR1, file=fd)


class OwnDirectory:
    """A directory that belongs to this worker alone (TMPDIR, HOME).

    A test can put a link in its place, or in the place of the directory above it. It is therefore opened through its
    parent, which is identified by device and inode, and no link is followed from there.
    """

    OPEN = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

    def __init__(self, path):
        self._above, self._name = os.path.split(os.path.realpath(path))
        self._identity = self._identity_of(os.stat(self._above))
        self._keep = set()
        self.keep()

    def keep(self):
        """Keep what is there now when the directory is cleaned: preloaded modules rely on it."""
        with contextlib.suppress(OSError), self._opened() as directory:
            self._keep = set(os.listdir(directory))

    def clean(self):
        """Remove what was left there."""
        with contextlib.suppress(OSError), self._opened() as directory:
            empty_directory(directory, self._keep)

    def put_back(self):
        """Make the directory again if a test removed it or put something else in its place."""
        with contextlib.suppress(OSError), self._opened_above() as above:
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(self._name, dir_fd=above, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if status.st_mode & 0o700 != 0o700:
                        os.close(open_directory(self._name, above))
                    return
                os.unlink(self._name, dir_fd=above)
            os.mkdir(self._name, 0o700, dir_fd=above)

    @contextlib.contextmanager
    def _opened_above(self):
        above = os.open(self._above, self.OPEN)
        try:
            if self._identity_of(os.fstat(above)) != self._identity:
                raise NotADirectoryError(self._above)
            yield above
        finally:
            os.close(above)

    @contextlib.contextmanager
    def _opened(self):
        with self._opened_above() as above:
            directory = open_directory(self._name, above)
            try:
                if os.fstat(directory).st_dev != self._identity[0]:
                    raise NotADirectoryError(self._name)  # something is mounted there
                yield directory
            finally:
                os.close(directory)

    @staticmethod
    def _identity_of(status):
        return status.st_dev, status.st_ino


def open_directory(name, above):
    """Return a descriptor of a directory within another one; give its owner access first if the mode denies it.

    Error: OSError, also when it is a link.
    """
    handle = os.open(name, os.O_PATH | OwnDirectory.OPEN, dir_fd=above)
    try:
        mode = os.fstat(handle).st_mode
        if mode & 0o700 != 0o700:
            os.chmod(f"/proc/self/fd/{handle}", mode & 0o7777 | 0o700)
        return os.open(".", os.O_RDONLY | OwnDirectory.OPEN, dir_fd=handle)
    finally:
        os.close(handle)


def empty_directory(directory, keep):
    """Remove what is in a directory (a descriptor), except the names to keep, as far as possible. Follows no link.

    Subdirectories are moved to the top and emptied there: a deep tree needs no more descriptors than a flat one, and a
    mounted file system cannot be moved, so it is never entered.
    """
    todo = []

    def take(name, above):
        try:
            os.unlink(name, dir_fd=above)
        except IsADirectoryError:
            os.close(open_directory(name, above))  # rename() needs write permission on it
            moved = f".removed-{monotonic()}-{len(todo)}"
            os.rename(name, moved, src_dir_fd=above, dst_dir_fd=directory)
            todo.append(moved)

    def take_all(names, above):
        for name in names:
            with contextlib.suppress(OSError):  # it stays
                take(name, above)

    take_all(set(os.listdir(directory)) - keep, directory)
    for name in todo:  # grows
        with contextlib.suppress(OSError):
            inner = open_directory(name, directory)
            try:
                take_all(os.listdir(inner), inner)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=directory)


def current_folder():
    """The working directory, or None when it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return None


def is_folder(path):
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError:
        return False


LIMITS = {number for name, number in vars(resource).items() if name.startswith("RLIMIT_")}


def limits():
    """The limits of this process: {kind: (soft, hard)}."""
    found = {}
    for kind in LIMITS:
        with contextlib.suppress(OSError, ValueError):  # not of this kernel
            found[kind] = resource.getrlimit(kind)
    return found


def set_limit(kind, soft, hard):
    """Whether it could be set."""
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        return False
    return True


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a test may have put anything there
            stream.flush()


def keep_for_children():
    """Takes all objects there are out of the garbage collector's sight: it would write to each, and so copy it, in every
    child that is forked from here on."""
    gc.freeze()


def leave(code):
    """Ends this process at once: nothing that was registered for the end of the parent happens in a fork of it."""
    flush_output()
    os._exit(code)


# ---- Reports ------------------------------------------------------------------------------------------------------


def capped(text, limit):
    """The text, or its head and its tail when it has more bytes than the limit."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    half = limit // 2
    middle = data[half:len(data) - half]
    before = sum(map(int, re.findall(rb"\[\.\.\. (\d+) bytes left out \.\.\.\]", middle)))
    return head_and_tail(data[:half], len(middle) + before, data[len(data) - half:])


def head_and_tail(head, left_out, tail):
    """The text of what is left of too many bytes."""
    head, tail = head.decode("utf-8", "ignore"), tail.decode("utf-8", "ignore")
    return f"{head}\n[... {left_out} bytes left out ...]\n{tail}"


def one_line(text):
    """The first line that says something, cut to the length of a message."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= MESSAGE_LIMIT else line[:MESSAGE_LIMIT - 3] + "..."


def last_line(text):
    """The line of an error's text that says what was wrong: the last that pytest or argparse marked, or the last."""
    lines = [line for line in text.splitlines() if line.strip()]
    marked = re.findall(r"^(?:E  |\S+: error: )(.+)", text, re.MULTILINE)
    return one_line((marked or lines or [""])[-1])


def reason_of(report):
    """Why a report is not a pass, in one line."""
    why = report.longrepr
    if isinstance(why, tuple):  # a skip: path, line, reason
        return one_line(re.sub(r"^(Skipped|unittest\.case\.SkipTest): ", "", str(why[2])))
    crash = getattr(why, "reprcrash", None)
    if crash is None:
        return last_line(str(why or ""))
    # The agent looks for this text where a configuration expects the failure; pytest 8 puts the exception before it.
    return one_line(re.sub(r"^Failed: (?=Unexpected success)", "", crash.message))


def details_of(report):
    """All that pytest has to say about a report that is not a pass."""
    if isinstance(report.longrepr, tuple):
        return "{}:{}: {}".format(*report.longrepr)
    return str(report.longrepr or "")


def output_of(report):
    """What was captured up to this report, phase by phase."""
    return "\n".join(f"--- {name} ---\n{text}" for name, text in report.sections)


def outcome_of(report):
    """One report's outcome in the words of the protocol."""
    expected_to_fail = hasattr(report, "wasxfail")
    if report.outcome == "failed":
        return "failed" if report.when == "call" else "error"
    if report.outcome == "skipped":
        return "xfailed" if expected_to_fail else "skipped"
    return "xpassed" if expected_to_fail else "passed"


def is_subtest(report):
    """Whether a report is of one subtest (pytest 9, pytest-subtests) and not of the whole case."""
    return getattr(report, "context", None) is not None


def ignore_skipped_subtests():
    """Makes pytest skip a case for a skip of the case itself only: a plugin for subtests lets unittest tell each."""
    import unittest
    from _pytest.unittest import TestCaseFunction

    skip = TestCaseFunction.addSkip

    def skip_unless_subtest(self, testcase, reason):
        if not isinstance(testcase, unittest.case._SubTest):
            skip(self, testcase, reason)

    TestCaseFunction.addSkip = skip_unless_subtest


class CaseReport:
    """What became of one case, from the reports of its set-up, call and tear-down."""

    ORDER = ("passed", "skipped", "xfailed", "xpassed", "error", "failed")

    def __init__(self):
        self._reports = []

    def add(self, report):
        if report.when == "setup":
            self._reports.clear()  # a plugin repeats the case: its last attempt counts
        if report.outcome in ("passed", "failed", "skipped"):
            self._reports.append(report)

    @property
    def torn_down(self):
        return bool(self._reports) and self._reports[-1].when == "teardown"

    @property
    def phase(self):
        """The phase that follows those reported."""
        if not self._reports:
            return "setup"
        last = self._reports[-1]
        return "call" if last.when == "setup" and last.passed else "teardown"

    def fields(self, limit):
        """The fields of `finish`."""
        # A subtest that was skipped says nothing of the others: only its failure counts.
        counting = [report for report in self._reports if report.failed or not is_subtest(report)]
        worst = max(counting, key=lambda report: self.ORDER.index(outcome_of(report)), default=None)
        if worst is None:
            return {"outcome": "error", "message": "pytest reported nothing", "details": "", "output": ""}
        outcome = outcome_of(worst)
        if outcome == "passed" and not any(report.when == "call" for report in counting):
            return {"outcome": "error", "message": "pytest set it up and tore it down without calling it", "details": "",
                    "output": capped(output_of(self._reports[-1]), limit)}
        message = "" if outcome == "passed" else getattr(worst, "wasxfail", None) or reason_of(worst)
        if message.startswith("reason: "):
            message = message[len("reason: "):]
        details = "\n".join(filter(None, (details_of(report) for report in self._reports)))
        return {"outcome": outcome, "message": one_line(message), "details": capped(details, limit),
                "output": capped(output_of(self._reports[-1]), limit)}


# ---- Captured output ----------------------------------------------------------------------------------------------


class HeadAndTail(io.BytesIO):
    """A file in memory that is written from its start to its end and keeps no more than head and tail."""

    HALF = MAX_TEXT // 2

    def __init__(self):
        super().__init__()
        self._left_out = 0

    def write(self, data):
        size = len(data)
        if size > 2 * self.HALF:
            self._left_out += size - 2 * self.HALF
            data = bytes(data[:self.HALF]) + bytes(data[size - self.HALF:])
        super().write(data)
        if self.tell() > 4 * self.HALF:  # now and then, not at every addition
            head, self._left_out, tail = self._parts()
            self.seek(0)
            super().truncate()
            super().write(head + tail)
        return size

    def truncate(self, size=None):
        self._left_out = 0
        return super().truncate(size)

    def text(self):
        head, left_out, tail = self._parts()
        return head_and_tail(head, left_out, tail) if left_out else (head + tail).decode("utf-8", "replace")

    def _parts(self):
        """Head, how many bytes are missing, tail."""
        data = self.getvalue()
        tail = max(len(data) - self.HALF, self.HALF)
        return data[:self.HALF], self._left_out + max(0, tail - self.HALF), data[tail:]


def read_head_and_tail(fd):
    """The text of a file, without its middle when it is larger than any text that is sent: it may be larger than memory."""
    size = os.fstat(fd).st_size
    if size <= MAX_TEXT:
        return os.pread(fd, size, 0).decode("utf-8", "replace")
    half = MAX_TEXT // 2
    return head_and_tail(os.pread(fd, half, 0), size - 2 * half, os.pread(fd, half, size - half))


def bound_capture(config):
    """Keeps pytest from reading back, or having in memory, all that a test prints. What tests capture themselves (capsys)
    stays whole: they look at it."""
    from _pytest.capture import CaptureIO, FDCapture

    class BoundedIO(CaptureIO):
        def __init__(self):
            io.TextIOWrapper.__init__(self, HeadAndTail(), encoding="UTF-8", newline="", write_through=True)

        def getvalue(self):
            return self.buffer.text()

    def bound_file(capture):
        def snap():
            text = read_head_and_tail(capture.tmpfile.fileno())
            capture.tmpfile.seek(0)
            capture.tmpfile.truncate()
            return text

        capture.snap = snap

    def bound_memory(capture):
        capture.suspend()
        capture.tmpfile = BoundedIO()
        capture.resume()

    # Not part of pytest's interface: a version that has something else there is left alone.
    capturing = getattr(config.pluginmanager.getplugin("capturemanager"), "_global_capturing", None)
    for capture in (getattr(capturing, "out", None), getattr(capturing, "err", None)):
        if isinstance(capture, FDCapture):
            bound_file(capture)
        elif type(getattr(capture, "tmpfile", None)) is CaptureIO:
            bound_memory(capture)


# ---- A case's surroundings ----------------------------------------------------------------------------------------


class Surroundings:
    """What one case must not change for the next: kept before its call, put back after it."""

    def __init__(self, config, worker):
        self._config = config
        self._crash_log = worker.crash_log
        self._own_directories = worker.own_directories
        self._tmp = tempfile.gettempdir()

    def keep(self):
        log_stacks(self._crash_log)
        self._limits = limits()
        self._cwd = current_folder()
        self._signals_blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._alarm = signal.getitimer(signal.ITIMER_REAL)[0]
        self._recursion_limit = getrecursionlimit()
        self._umask = os.umask(0o077)
        os.umask(self._umask)

    def put_back(self):
        setrecursionlimit(self._recursion_limit)
        os.umask(self._umask)
        self._put_back_limits()
        signal.pthread_sigmask(signal.SIG_SETMASK, self._signals_blocked)
        if not self._alarm:  # one that the test left would end a later one
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._cwd != current_folder():
            with contextlib.suppress(OSError):
                os.chdir(self._cwd or "/")

    def make_directories(self):
        """To be called when the case is torn down: what it mocked would be used here."""
        for folder in self._own_directories:
            folder.put_back()
        if not is_folder(self._tmp):
            with contextlib.suppress(Exception):
                os.makedirs(self._tmp)
        factory = getattr(self._config, "_tmp_path_factory", None)
        basetemp = getattr(factory, "_basetemp", None)
        if basetemp is not None and not is_folder(basetemp):
            factory._basetemp = None  # made anew for the next case that asks

    def _put_back_limits(self):
        for kind, now in limits().items():
            before = self._limits.get(kind, now)
            if now != before:
                # Who may not raise the hard limit again comes as near as it lets him.
                any(set_limit(kind, soft, hard) for soft, hard in (before, (before[0], now[1]), (now[1], now[1])))


# ---- Child: one slice of the cases --------------------------------------------------------------------------------


class Slice:
    """What a `run` asks for."""

    def __init__(self, command, count):
        self.number = field(command, "slice", int)
        self.cases = field(command, "cases", list)
        self.junit = field(command, "junit", str, default="")
        self.text_limit = max(0, min(field(command, "text_limit", int, default=TEXT_LIMIT), MAX_TEXT))
        for case in self.cases:
            if type(case) is not int or not 0 <= case < count:
                raise BadCommand(f"slice {self.number} asks for case {case!r} of {count}")


class JUnit:
    """The slice's JUnit file, by pytest's own writer; nothing without a path."""

    OPTIONS = ("suite_name", "logging", "duration_report", "family", "log_passing_tests")

    def __init__(self, config, path):
        self._plugins = config.pluginmanager
        self._log = None
        if path:
            from _pytest.junitxml import LogXML

            ini = (config.getini(f"junit_{name}") for name in self.OPTIONS)
            self._log = LogXML(path, config.option.junitprefix, *ini)
            self._log.pytest_sessionstart()
            self._plugins.register(self._log)

    def write(self):
        if self._log:
            self._plugins.unregister(self._log)
            self._log.pytest_sessionfinish()


class Runner:
    """Runs the cases of one slice and reports each as it starts and ends."""

    def __init__(self, session, worker):
        from _pytest import runner

        self._pytest = runner
        self._session = session
        self._events = worker.events
        self._descriptors = worker.descriptors
        self._surroundings = Surroundings(session.config, worker)
        self._report = CaseReport()

    def run(self, piece):
        self._events.send("child", slice=piece.number, pid=os.getpid())
        junit = JUnit(self._session.config, piece.junit)
        items = [self._session.items[case] for case in piece.cases]
        for case, item, following in zip(piece.cases, items, items[1:] + [None]):
            began = monotonic()
            self._events.send("start", case=case, t=round(began, 6))
            self._run_case(item, following)
            self._events.add("finish", case=case, seconds=round(monotonic() - began, 6),
                             **self._report.fields(piece.text_limit))
        self._events.flush()
        try:
            junit.write()
        except OSError as error:
            self._events.send("problem", message=f"the JUnit file of slice {piece.number} is not written: {error}")
        self._events.send("done", slice=piece.number)

    def _run_case(self, item, following):
        """What interrupts pytest (KeyboardInterrupt, pytest.exit) leaves the case set up, and its tear-down may do the
        same again: the steps that follow are for that."""
        def protocol():
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

        def tear_down():
            if not self._report.torn_down:  # plugins do not expect it twice
                self._pytest.call_and_report(item, "teardown", nextitem=following)
            self._session._setupstate.teardown_exact(following)

        self._report = CaseReport()
        for step in [protocol] + [tear_down] * len(item.listchain()):
            try:
                step()
                return
            except BaseException as error:
                self._report_interruption(item, error)

    def _report_interruption(self, item, error):
        """Reports what interrupted pytest as a failure of the phase that it came from."""
        self._events.end_strays()

        def again():
            raise error

        phase = self._report.phase
        try:
            call = self._pytest.CallInfo.from_call(again, when=phase)
            report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        except BaseException:  # a plugin is at fault
            report = self._pytest.TestReport(item.nodeid, item.location, {}, "failed", traceback.format_exc(), phase)
        item.ihook.pytest_runtest_logreport(report=report)

    # What the plugin tells while a case runs.

    def before_call(self):
        self._surroundings.keep()

    def after_call(self):
        self._events.end_strays()
        self._surroundings.put_back()  # with room for open files, if the test left none
        self._descriptors.restore()

    def after_teardown(self):
        self.after_phase()
        self._surroundings.make_directories()

    def after_phase(self):
        """The test's own code is done, and pytest's capture has not yet looked at its files."""
        self._events.end_strays()
        self._descriptors.restore()

    def reported(self, report):
        self._report.add(report)


# ---- What pytest's configuration asks for -------------------------------------------------------------------------


class Options:
    """Keeps options of pytest.ini, PYTEST_ADDOPTS or a plugin from having cases not run, stopped, or run elsewhere."""

    # Name in config.option: (how users write it, the value that runs every case here).
    NEUTRAL = {
        "setuponly": ("--setup-only", False), "setupplan": ("--setup-plan", False), "setupshow": ("--setup-show", False),
        "collectonly": ("--collect-only", False), "maxfail": ("--maxfail", 0), "usepdb": ("--pdb", False),
        "trace": ("--trace", False), "stepwise": ("--stepwise", False), "stepwise_skip": ("--stepwise-skip", False),
        "lf": ("--last-failed", False), "failedfirst": ("--failed-first", False), "newfirst": ("--new-first", False),
        "cacheclear": ("--cache-clear", False), "showfixtures": ("--fixtures", False),
        "show_fixtures_per_test": ("--fixtures-per-test", False), "markers": ("--markers", False),
        "version": ("--version", 0), "basetemp": ("--basetemp", None),  # which workers would take from each other
        "numprocesses": ("--numprocesses", None), "dist": ("--dist", "no"), "tx": ("--tx", []),
        "distload": ("-d", False), "looponfail": ("--looponfail", False), "forked": ("--forked", False),
    }
    # Without the cache, which workers would share, pytest does not know these.
    OF_CACHE = {
        "lf": ("--lf", "--last-failed"), "failedfirst": ("--ff", "--failed-first"), "newfirst": ("--nf", "--new-first"),
        "cacheclear": ("--cache-clear",), "stepwise": ("--sw", "--stepwise"),
        "stepwise_skip": ("--sw-skip", "--stepwise-skip"),
    }
    # Plugins of pytest without which no case is found, or none is run as it says.
    NEEDED = ("python", "unittest", "skipping", "terminal", "junitxml")

    def __init__(self, plain_asserts):
        self._plain_asserts = plain_asserts
        self._ignored = []

    def register(self, parser, plugins):
        """Before any option is read."""
        group = parser.getgroup("spyre-ci")
        for name, spellings in self.OF_CACHE.items():
            with contextlib.suppress(ValueError):  # a plugin has it
                group.addoption(*spellings, action="store_true", dest=name, default=False)
        if self._plain_asserts:  # unless an option says otherwise
            plugins.get_plugin("pytestconfig").option.assertmode = "plain"
            for option in parser.getgroup("debugconfig").options:  # older versions of pytest look here
                with contextlib.suppress(AttributeError):
                    option.default = "plain" if option.dest == "assertmode" else option.default
        consider = plugins.consider_pluginarg

        def consider_others(argument):
            if argument.startswith("no:") and argument[3:] in self.NEEDED:
                self._ignored.append(f"-p {argument}")
            else:
                consider(argument)

        plugins.consider_pluginarg = consider_others

    def neutralize(self, options):
        """After all options are read, and before a plugin acts on them. What was ignored, as users write it."""
        for name, (spelling, neutral) in self.NEUTRAL.items():
            if getattr(options, name, neutral) not in (neutral, None):
                setattr(options, name, neutral)
                self._ignored.append(spelling)
        return self._ignored


class LeftOut:
    """The cases that pytest collected and then left out again: by options, a conftest.py or a plugin."""

    def __init__(self, root):
        self._root = os.path.join(os.path.realpath(root), "")
        self._reasons = {}
        self._items = []

    def told(self, items):
        """pytest_deselected was called."""
        reason = self._caller(items[0].config.option) if items else ""
        self._reasons.update((id(item), reason) for item in items)

    def collected(self, items):
        """These were collected, before anything was left out."""
        self._items = items

    def missing(self, items):
        """[(item, reason)] of those that are not among the items any more."""
        left = set(map(id, items))
        return [(item, f"deselected by {self._reasons.get(id(item), 'a conftest.py or a plugin')}")
                for item in self._items if id(item) not in left]

    def _caller(self, options):
        """Who called pytest_deselected, in the words of its user."""
        frame = sys._getframe(1)
        while frame and (frame.f_globals is globals() or frame.f_globals.get("__name__", "").startswith("pluggy.")):
            frame = frame.f_back
        if frame is None:
            return "a plugin"
        function, file = frame.f_code.co_name, os.path.realpath(frame.f_code.co_filename)
        if function == "deselect_by_keyword":
            return f"-k '{options.keyword}'"
        if function == "deselect_by_mark":
            return f"-m '{options.markexpr}'"
        if frame.f_globals.get("__name__") == "_pytest.main":
            return "--deselect"
        return file[len(self._root):] if file.startswith(self._root) else frame.f_globals.get("__name__", file)


# ---- Whether children can be forked -------------------------------------------------------------------------------


class ForkCheck:
    """What the import of a file did that makes it unsafe to run its cases in forked children.

    A forked child has none of the threads, so the locks that they hold stay locked there. A device that the parent opened,
    or that refuses to work in any child, is unusable there. An answer that cannot be had is None.
    """

    DEVICE_FILES = re.compile(r"/dev/vfio/\d+")
    MOST_TOLD = 20
    PATIENCE = 5000  # milliseconds until a child that is asked counts as stuck

    def __init__(self):
        self._threads = {}
        self._children = set()
        self._before = None

    @contextlib.contextmanager
    def watching(self):
        """What is started within is due to the file."""
        threads, children_before = self._thread_names(), children()
        yield
        now = self._thread_names()
        self._threads.update((number, name) for number, name in now.items() if number not in threads)
        self._children |= children() - children_before

    def result(self):
        """The field `fork` of `collected`."""
        alive = self._thread_names()
        threads = sorted(alive[number] for number in self._threads if number in alive)
        return {**self.device(), "threads": threads[:self.MOST_TOLD], "children": len(self._children & children())}

    @classmethod
    def device(cls):
        """The state of the device in this process."""
        module = cls._out_of_tree_device()
        answers = [cls._ask(one, "is_initialized") for one in (module, cls._module("cuda")) if one]
        return {"open": True if True in answers else None if None in answers else False,
                "bad_here": cls._ask(module, "_is_in_bad_fork") if module else False,
                "bad_in_child": cls._ask_in_child(module, "_is_in_bad_fork") if module else False,
                "files": cls._device_files()}

    @staticmethod
    def _thread_names():
        """{number: name} of the threads of this process, also of those that are not Python's."""
        named = {thread.native_id: thread.name for thread in threading.enumerate()}
        names = {}
        for number in map(int, os.listdir("/proc/self/task")):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{number}/comm", encoding="utf-8") as file:
                names[number] = named.get(number) or file.read().strip()
        return names

    @staticmethod
    def _module(name):
        """A device module of torch, if torch was imported; it is not imported for this."""
        return vars(sys.modules.get("torch", object)).get(name)

    @classmethod
    def _out_of_tree_device(cls):
        """The module of the device that is not in PyTorch's tree (PrivateUse1), when one was registered."""
        try:
            return cls._module(cls._module("_C")._get_privateuse1_backend_name())
        except Exception:  # no torch, or one that does not know of it
            return None

    @staticmethod
    def _ask(module, function):
        # Never device_count() or current_device(): they may open the device.
        try:
            return bool(getattr(module, function)())
        except Exception:
            return None

    @classmethod
    def _ask_in_child(cls, module, function):
        if not hasattr(module, function):
            return None
        reading, writing = os.pipe()
        try:
            pid = fork()
        except Refused:
            pid = None
        if pid == 0:
            answer = cls._ask(module, function)
            os.write(writing, b"?" if answer is None else b"1" if answer else b"0")
            os._exit(0)
        if pid is None:
            os.write(writing, b"?")
        os.close(writing)
        poller = select.poll()
        poller.register(reading, select.POLLIN)
        answer = os.read(reading, 1) if poller.poll(cls.PATIENCE) else b""  # one that is stuck or crashes is bad
        os.close(reading)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return {b"0": False, b"?": None}.get(answer, True)

    @classmethod
    def _device_files(cls):
        found = set()
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/self/fd/{name}"))
        return sorted(filter(cls.DEVICE_FILES.fullmatch, found))


# ---- Host: one file -----------------------------------------------------------------------------------------------


class Tee:
    """Standard error that remembers the end of what went through it: pytest tells wrong use only there."""

    def __init__(self, stream):
        self._stream = stream
        self.text = ""

    def write(self, text):
        self.text = (self.text + text)[-TEXT_LIMIT:]
        return self._stream.write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


class Silent:
    """Pytest's terminal reporter without its hooks, for those who ask for it: nobody reads what it would print."""

    def __init__(self, reporter):
        self._reporter = reporter

    def __getattr__(self, name):
        return getattr(self._reporter, name)


def make_plugin(host):
    """The plugin through which pytest talks to the host. Made in a function: pytest may be missing on this machine."""
    import pytest

    class Plugin:
        def pytest_addoption(self, parser, pluginmanager):
            host.options.register(parser, pluginmanager)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_cmdline_main(self, config):
            host.options_read(config)
            yield

        @pytest.hookimpl(trylast=True)  # a plugin for subtests may have its own
        def pytest_configure(self):
            ignore_skipped_subtests()

        @pytest.hookimpl(hookwrapper=True, trylast=True)  # within pytest's own wrapper, which starts capturing
        def pytest_load_initial_conftests(self, early_config):
            host.capture_started(early_config)
            with host.fork_check.watching():
                yield

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection(self):
            host.conftests_loaded()
            with host.fork_check.watching():
                yield

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection_modifyitems(self, items):
            host.left_out.collected(list(items))
            yield

        def pytest_deselected(self, items):
            host.left_out.told(items)

        def pytest_collectreport(self, report):
            host.collect_reported(report)

        def pytest_internalerror(self, excrepr):
            host.failure = str(excrepr)

        def pytest_keyboard_interrupt(self, excinfo):
            host.failure = excinfo.exconly()

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session):
            host.collected(session)
            return True

        # Innermost, which is before the captured output is read.
        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_setup(self):
            yield
            host.runner.after_phase()

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_call(self):
            host.runner.before_call()
            yield
            host.runner.after_call()

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_teardown(self):
            yield
            host.runner.after_teardown()

        def pytest_runtest_logreport(self, report):
            host.runner.reported(report)

    return Plugin()


def unique(ids):
    """The ids, those that occur again with a number after them: test_x[a-b], test_x[a-b][2]."""
    seen = set()
    for name in ids:
        candidate, number = name, 2
        while candidate in seen:
            candidate, number = f"{name}[{number}]", number + 1
        seen.add(candidate)
        yield candidate


class FreshStart:
    """Gives a file a new interpreter when it sets a variable before it imports a module that was preloaded.

    The preloaded module has not seen the variable.
    """

    def __init__(self, worker):
        self._worker = worker
        self._environment = dict(os.environ)
        self._modules = set(sys.modules)

    def missed(self, root):
        """Return the variables that preloaded modules have not seen, sorted."""
        changed = {name for name, _ in self._environment.items() ^ os.environ.items() if not name.startswith("PYTEST_")}
        if not changed or not self._worker.preloaded:
            return []
        root = os.path.join(os.path.realpath(root), "")
        found = set()
        for name in set(sys.modules) - self._modules:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str) and file.endswith(".py") and os.path.realpath(file).startswith(root):
                found |= self._set_before_import(file, changed)
        return sorted(found)

    def _set_before_import(self, file, names):
        packages = "|".join(map(re.escape, self._worker.preloaded))
        try:
            with open(file, encoding="utf-8", errors="replace") as source:
                head = re.split(rf"^[ \t]*(?:import|from)[ \t]+(?:{packages})\b", source.read(), 1, re.MULTILINE)[0]
        except OSError:
            return set()
        return {name for name in names if f'"{name}"' in head or f"'{name}'" in head}

    def start(self, opened):
        """Become a new interpreter that opens the file again, without preloaded modules. The process stays the same."""
        end_children(self._worker.children_of_root)
        flush_output()
        self._worker.descriptors.restore()
        message = os.memfd_create("open")  # everybody can read arguments
        with open(message, "w", encoding="utf-8", closefd=False) as file:
            json.dump(opened, file)
        os.lseek(message, 0, os.SEEK_SET)
        for fd in self._worker.descriptors.opened():
            with contextlib.suppress(OSError):  # that of the list itself
                os.set_inheritable(fd, fd in (0, 1, 2, self._worker.commands, self._worker.events_fd, message))
        os.execve(sys.executable, [sys.executable, *self._worker.arguments, "--host", str(message)],
                  self._worker.environment)


class Host:
    """One file: imported and collected here, its cases run in children."""

    def __init__(self, worker, opened):
        self._worker = worker
        self._events = worker.events
        self._root = field(opened, "root", str)
        self._file = field(opened, "file", str)
        self._cwd = field(opened, "cwd", str, default=self._root)
        self._arguments = [str(argument) for argument in field(opened, "args", list, default=[])]
        self._environment = field(opened, "environment", dict, default={})
        self.forks = field(opened, "fork", bool, default=True)
        self._began = monotonic()
        self._open_before = set()
        self._session = None
        self._errors = []
        self._exit_code = None
        self.failure = ""
        self.runner = None
        self.options = Options(plain_asserts=field(opened, "asserts", str, default="") == "plain")
        self.left_out = LeftOut(self._root)
        self.fork_check = ForkCheck()
        self._opened = opened
        self._fresh_start = None
        self._missed = []

    def run(self):
        """Collects the file and follows commands until it is closed. The exit code of the host."""
        self._events.send("host", pid=os.getpid())
        try:
            ask_for_descriptors()
        except Refused as error:
            self._events.send("refused", **error.fields())
            self._serve()
            return self._exit_code
        reason = self._run_pytest()
        if self._missed:
            self._fresh_start.start(self._opened)
        if self._session is None:
            self._errors.append({"id": self._file, "outcome": "error", "message": last_line(reason),
                                 "details": capped(reason, TEXT_LIMIT)})
            self._say_collected()
            self._serve()
        return EXIT_BROKEN if self._exit_code is None else self._exit_code

    def _run_pytest(self):
        """Collects and, when that gets to its end, follows commands. Why it did not get there."""
        import pytest

        path = os.path.join(self._root, self._file)
        sys.argv = [path]
        os.environ.update({name: os.path.expandvars(str(value)) for name, value in self._environment.items()})
        # Not this file: a process that a test spawns would import it as its main module.
        sys.modules["spyre_ci_worker"] = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.stderr = errors = Tee(sys.stderr)
        self._open_before = self._worker.descriptors.opened()
        arguments = [path, f"--rootdir={self._root}", "-p", "no:cacheprovider", *self._arguments]
        try:
            os.chdir(self._cwd)
            code = pytest.main(arguments, plugins=[make_plugin(self)])
        except BaseException:  # whatever a plugin or a conftest raises ends this file only
            return traceback.format_exc()
        return self.failure or errors.text or f"pytest ended with {code} before it had collected the file"

    # Collection, as the plugin tells of it.

    def capture_started(self, config):
        """Pytest captures output now, as it will when tests run, and has opened nothing else so far."""
        bound_capture(config)
        descriptors = self._worker.descriptors
        descriptors.remember({0, 1, 2} | descriptors.opened() - self._open_before)
        for stream in (sys.stdout, sys.stderr):
            if not isinstance(stream, Tee):
                stream.close = lambda: None  # closed by one test, it would fail all that follow

    def options_read(self, config):
        for option in self.options.neutralize(config.option):
            self._events.send("problem", message=f"pytest is configured with {option}, which is ignored")

    def conftests_loaded(self):
        """A conftest.py puts its folder first on sys.path; the root of a source tree would hide installed packages. Tests
        import what lies beside them, as `python FILE` lets them."""
        self._fresh_start = FreshStart(self._worker)
        root = os.path.realpath(self._root)
        sys.path.sort(key=lambda folder: os.path.realpath(folder) == root)
        beside = os.path.dirname(os.path.join(self._root, self._file))
        if os.path.realpath(beside) != root:
            sys.path.insert(0, beside)

    def collect_reported(self, report):
        if not report.passed:
            details = "\n".join(filter(None, (details_of(report), output_of(report))))
            self._errors.append({"id": report.nodeid or self._file, "outcome": "error" if report.failed else "skipped",
                                 "message": reason_of(report), "details": capped(details, TEXT_LIMIT)})

    def collected(self, session):
        """Collection is over: everything that follows is on the agent's command."""
        plugins = session.config.pluginmanager
        plugins.register(Silent(plugins.unregister(name="terminalreporter")), "terminalreporter")
        self._session = session
        self._missed = self._fresh_start.missed(self._root)
        if self._missed:
            return
        self._say_collected(self.left_out.missing(session.items))
        keep_for_children()
        self._serve()

    def _say_collected(self, left_out=()):
        items = self._session.items if self._session else []
        cases = list(unique(as_unicode(item.nodeid) for item in [*items, *(item for item, _ in left_out)]))
        seconds = round(monotonic() - self._began, 6)
        try:
            self._events.send(
                "collected", cases=cases, seconds=seconds, errors=self._errors,
                skipped=[{"case": case, "reason": one_line(reason)}
                         for case, (_, reason) in enumerate(left_out, len(items))],
                serial=[case for case, item in enumerate(items) if item.get_closest_marker("serial")],
                fork=self.fork_check.result() if self.forks else None)
        except TooLarge as error:
            why = f"{len(cases)} cases and {len(self._errors)} errors are too many to tell: {error}"
            self._events.send("collected", cases=[], seconds=seconds, errors=[
                {"id": self._file, "outcome": "error", "message": one_line(why), "details": why}])

    # Commands.

    def _serve(self):
        while self._exit_code is None:
            self._exit_code = self._worker.obey(self._follow, gone=EXIT_AGENT_GONE)

    def _follow(self, command):
        """Does what the command says. The exit code, when it is to end the host."""
        name = command["command"]
        if name == "close":
            return 0
        if name == "quit":
            return EXIT_QUIT
        if name != "run":
            raise BadCommand(f"'{name}' cannot be followed while a file is open")
        self._run_slice(Slice(command, len(self._session.items) if self._session else 0))
        return None

    def _run_slice(self, piece):
        self.runner = Runner(self._session, self._worker)
        before = children()
        try:
            ended = self._run_in_child(piece) if self.forks else self._run_here(piece)
        finally:
            left = end_children(before)
            for folder in self._worker.own_directories:
                folder.put_back()
        self._events.send("child_ended", slice=piece.number, left=left, output=self._unread(piece.text_limit), **ended)

    def _run_in_child(self, piece):
        flush_output()
        host = os.getpid()
        pid = fork()
        if pid:
            return wait_for(pid, self._worker.commands)
        code = EXIT_BROKEN
        try:
            os.setsid()
            end_with(host)
            os.close(self._worker.commands)
            self._events.take_over()
            self.runner.run(piece)
            code = 0
        except BaseException:
            traceback.print_exc()
        leave(code)

    def _run_here(self, piece):
        self.runner.run(piece)
        return {"code": 0, "signal": None, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}

    def _unread(self, limit):
        """What a case that crashed had written, when capture keeps that in a file; taken from the next one's."""
        capture = self._session.config.pluginmanager.getplugin("capturemanager")
        return capped("".join(capture.read_global_capture()), limit) if capture else ""


# ---- Root ---------------------------------------------------------------------------------------------------------


class Worker:
    """The root process: imports what all files need, and forks a host for each file."""

    def __init__(self, program, commands, events, scratch):
        self.arguments = [program, "--commands", str(commands), "--events", str(events)]
        if scratch:
            self.arguments += ["--scratch", scratch]
        self.environment = dict(os.environ)
        self.preloaded = set()
        self.children_of_root = set()
        self.events_fd = events
        self._scratch = OwnDirectory(scratch) if scratch else None
        self.own_directories = [self._scratch, *self._home_beside(scratch)] if scratch else []
        for fd in (commands, events):
            os.set_inheritable(fd, False)
        self.commands = commands
        with contextlib.suppress(OSError):  # room for whole frames: a child that is killed while it waits cuts one
            fcntl.fcntl(events, F_SETPIPE_SZ, 1 << 20)
        most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        lowest = CRASH_LOG if most_files == resource.RLIM_INFINITY else min(CRASH_LOG, most_files - 1)
        self.crash_log = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, lowest)
        self.descriptors = Descriptors()
        self.descriptors.remember((events, self.crash_log))
        self.events = Events(self.descriptors, events)

    def run(self, preload):
        """Serves the agent until it has had enough. The exit code. Error: Refused, before it has said hello."""
        default_signals()
        hold_files()  # for a test that closes them in this process; now, while it is small and knows no device
        self.children_of_root = children()
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        log_stacks(self.crash_log)
        self.preloaded = {name.partition(".")[0] for name in preload} - set(sys.modules)
        code = None if self._import(["pytest", *preload]) else EXIT_UNUSABLE
        keep_for_children()
        if self._scratch:
            self._scratch.keep()
        while code is None:
            code = self.obey(self._follow, gone=0)
        end_children(set())
        self._clean_up()
        return code

    def run_host(self, opened):
        """Is the host, or root without a fork, that became this interpreter for the sake of one file. The exit code."""
        default_signals()
        end_with(os.getppid())
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        log_stacks(self.crash_log)
        host = Host(self, opened)
        code = host.run()
        return code if host.forks or code == EXIT_BROKEN else 0

    @staticmethod
    def _home_beside(scratch):
        """Return HOME if it is beside the scratch directory, where the agent makes both."""
        home = os.environ.get("HOME", "")
        beside = home and os.path.dirname(os.path.realpath(home)) == os.path.dirname(os.path.realpath(scratch))
        return [OwnDirectory(home)] if beside else []

    def _clean_up(self):
        """Remove what a closed file left behind."""
        if self._scratch:
            self._scratch.clean()
        for folder in self.own_directories:
            folder.put_back()

    def obey(self, follow, gone):
        """Reads one command and follows it. The exit code when it was the last, `gone` when the agent is."""
        try:
            return follow(read_command(self.commands))
        except BadCommand as error:
            self.events.send("problem", message=str(error))
        except Refused as error:
            self.events.send("refused", **error.fields())
        except BrokenProtocol as error:
            self.events.send("problem", message=str(error))
            return EXIT_BROKEN
        except AgentGone:
            return gone
        return None

    def _import(self, modules):
        began = monotonic()
        try:
            for name in modules:
                importlib.import_module(name)
        except BaseException as error:  # sys.exit() too
            ask_for_descriptors()
            self.events.send("unusable", message=one_line(f"cannot import {name}: {type(error).__name__}: {error}"),
                             details=traceback.format_exc())
            return False
        self.events.send("hello", protocol=PROTOCOL, pid=os.getpid(), python=platform.python_version(),
                         pytest=sys.modules["pytest"].__version__,
                         torch=getattr(sys.modules.get("torch"), "__version__", None),
                         device=ForkCheck.device(), import_s=round(monotonic() - began, 6))
        return True

    def _follow(self, command):
        name = command["command"]
        if name == "quit":
            return 0
        if name in ("run", "close"):  # for a host that ended before it read this
            return None
        if name != "open":
            raise BadCommand(f"there is no command '{name}'")
        host = Host(self, command)
        if host.forks:
            return self._run_in_host(host)
        return EXIT_BROKEN if host.run() == EXIT_BROKEN else 0

    def _run_in_host(self, host):
        flush_output()
        before = children()
        root = os.getpid()
        pid = fork()
        if not pid:
            os.setpgid(0, 0)  # so that it can be signalled without the others
            end_with(root)
            prctl(PR_SET_CHILD_SUBREAPER, 1)
            self.events.take_over()
            leave(host.run())
        try:
            ended = wait_for(pid, self.commands)
        finally:
            end_children(before)
            self._clean_up()
        self.events.send("host_ended", code=ended["code"], signal=ended["signal"])
        return {EXIT_QUIT: 0, EXIT_BROKEN: EXIT_BROKEN}.get(ended["code"])


def main():
    parser = argparse.ArgumentParser(description="Runs pytest for spyre-ci; see PROTOCOL.md.")
    parser.add_argument("--commands", type=int, required=True, help="file descriptor to read commands from")
    parser.add_argument("--events", type=int, required=True, help="file descriptor to write events to")
    parser.add_argument("--preload", default="", help="modules to import once, separated by commas")
    parser.add_argument("--scratch", default="", help="this worker's own temporary folder, cleaned behind each file")
    # For FreshStart: the file descriptor of the command `open`.
    parser.add_argument("--host", type=int, default=-1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    # Tests must see neither our arguments (some modules parse them) nor the zip as a place to import from.
    program = os.path.realpath(sys.argv[0])
    del sys.argv[1:]
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != program]
    opened = None
    if options.host >= 0:
        with open(options.host, encoding="utf-8") as file:
            opened = json.load(file)
    try:
        with needed("start"):
            worker = Worker(program, options.commands, options.events, options.scratch)
            if opened:
                leave(worker.run_host(opened))
            leave(worker.run([name for name in options.preload.split(",") if name]))
    except Refused as error:
        os.write(options.events, frame("refused", error.fields()))
        leave(EXIT_REFUSED)


if __name__ == "__main__":
    main()
