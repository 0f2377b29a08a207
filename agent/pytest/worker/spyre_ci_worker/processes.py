# SPDX-License-Identifier: Apache-2.0
"""Processes: start them, wait for them, end them."""

import contextlib
import ctypes
import gc
import select
import sys
import traceback
from time import monotonic

from spyre_ci_worker.exit_codes import EXIT_AGENT_GONE
from spyre_ci_worker.frames import AgentGone
from spyre_ci_worker.originals import os, signal
from spyre_ci_worker.refusals import Refused

_FORK_PATIENCE = 2  # seconds
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(option, value):
    """Set a property of this process. Return False if the kernel cannot: then the agent's own supervision suffices."""
    return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0


def become_subreaper():
    """Make this process the parent of descendants that lose theirs."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent):
    """Make this process end when its parent does. Return whether it will."""
    certain = _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(EXIT_AGENT_GONE)
    return certain


def fork():
    """Fork; if the machine refuses a process, retry for a while. Error: Refused."""
    ends = monotonic() + _FORK_PATIENCE
    while True:
        try:
            return os.fork()
        except OSError as error:
            if monotonic() > ends:
                raise Refused("start a process", error) from None
        select.poll().poll(50)


def fork_running(body, error_code):
    """Fork a child that runs `body` and exits with the code that it returns, or with `error_code` after an exception.

    Return the pid of the child, which ends with this process. Error: Refused.
    """
    flush_output()
    parent = os.getpid()
    pid = fork()
    if pid:
        return pid
    code = error_code
    try:
        die_with(parent)
        code = body()
    except BaseException:
        traceback.print_exc()
    exit_now(code)


def hold_files():
    """Start a process that only holds our files open: the agent would take their end for ours."""
    parent = os.getpid()
    if fork() == 0:
        while die_with(parent):
            signal.pause()
        os._exit(0)


def restore_default_signals():
    """Set what Python itself starts with: the agent may have been started with signals ignored or blocked."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def children():
    """Return the processes whose parent is this one."""
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
    """End and reap all children except those to keep, and their children, which become ours. Return how many."""
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
    """Wait until the child ends. Return how: the fields `code`, `signal` and `rss`.

    Error: AgentGone when the agent closes the commands; then the child is ended.
    """
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
                _reap(pid)
                raise AgentGone
    finally:
        if pidfd is not None:
            os.close(pidfd)
    return _reap(pid)


def _reap(pid):
    _, status, usage = os.wait4(pid, 0)
    signaled = os.WIFSIGNALED(status)
    return {"code": None if signaled else os.WEXITSTATUS(status),
            "signal": os.WTERMSIG(status) if signaled else None, "rss": usage.ru_maxrss * 1024}


def freeze_objects():
    """Hide all objects from the garbage collector: it would write to each, and so copy it, in every forked child."""
    gc.freeze()


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a test may have put anything there
            stream.flush()


def exit_now(code):
    """End this process at once: a fork must not run the exit handlers of its parent."""
    flush_output()
    os._exit(code)
