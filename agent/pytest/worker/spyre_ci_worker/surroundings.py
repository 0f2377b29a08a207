# SPDX-License-Identifier: Apache-2.0
"""Process state that one case must not change for the next."""

import contextlib
import stat
import tempfile
from sys import getrecursionlimit, setrecursionlimit

from spyre_ci_worker.crash import write_stacks_to
from spyre_ci_worker.originals import os, resource, signal

_LIMITS = {number for name, number in vars(resource).items() if name.startswith("RLIMIT_")}


class Surroundings:
    """Saves process state before the call of a case, and restores it afterwards for the next case."""

    def __init__(self, config, context):
        self._config = config
        self._crash_log = context.crash_log
        self._own_directories = context.own_directories
        self._tmp = tempfile.gettempdir()

    def keep(self):
        write_stacks_to(self._crash_log)
        self._limits = _limits()
        self._cwd = _working_directory()
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
        if not self._alarm:  # an alarm that the test left would end a later test
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._cwd != _working_directory():
            with contextlib.suppress(OSError):
                os.chdir(self._cwd or "/")

    def make_directories(self):
        """Make missing directories again. Call it after the tear-down: before, mocks of the case are in use."""
        self._own_directories.put_back()
        if not _is_directory(self._tmp):
            with contextlib.suppress(Exception):
                os.makedirs(self._tmp)
        factory = getattr(self._config, "_tmp_path_factory", None)
        basetemp = getattr(factory, "_basetemp", None)
        if basetemp is not None and not _is_directory(basetemp):
            factory._basetemp = None  # pytest makes it anew for the next case that asks

    def _put_back_limits(self):
        for kind, now in _limits().items():
            before = self._limits.get(kind, now)
            if now != before:
                # A process that may not raise the hard limit again restores the soft limit as far as it can.
                any(_set_limit(kind, soft, hard) for soft, hard in (before, (before[0], now[1]), (now[1], now[1])))


def _working_directory():
    """Return the working directory, or None when it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return None


def _is_directory(path):
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError:
        return False


def _limits():
    """Return the limits of this process: {kind: (soft, hard)}."""
    found = {}
    for kind in _LIMITS:
        with contextlib.suppress(OSError, ValueError):  # this kernel does not have it
            found[kind] = resource.getrlimit(kind)
    return found


def _set_limit(kind, soft, hard):
    """Return whether the limit could be set."""
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        return False
    return True
