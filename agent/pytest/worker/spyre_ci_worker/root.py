# SPDX-License-Identifier: Apache-2.0
"""The root: imports the modules that all files need, and forks a host for each file."""

import importlib
import platform
import sys
import traceback
from time import monotonic

from spyre_ci_worker.crash import write_stacks_to
from spyre_ci_worker.exit_codes import EXIT_BROKEN, EXIT_EXCEPTION, EXIT_QUIT, EXIT_UNUSABLE
from spyre_ci_worker.fork_check import ForkCheck
from spyre_ci_worker.frames import BadCommand
from spyre_ci_worker.host import Host
from spyre_ci_worker.originals import os
from spyre_ci_worker.processes import (become_subreaper, children, die_with, end_children, fork_running, freeze_objects,
                                       hold_files, restore_default_signals, wait_for)
from spyre_ci_worker.refusals import check_free_descriptors
from spyre_ci_worker.text import first_line

_PROTOCOL = 1


class Root:
    """The process that the agent starts."""

    def __init__(self, context):
        self._context = context
        self._events = context.events

    def run(self, preload):
        """Serve the agent until it closes the commands. Return the exit code. Error: Refused, before `hello`."""
        restore_default_signals()
        hold_files()  # for a test that closes them in this process; now, while it is small and knows no device
        self._context.children_of_root = children()
        become_subreaper()
        write_stacks_to(self._context.crash_log)
        self._context.preloaded = {name.partition(".")[0] for name in preload} - set(sys.modules)
        code = None if self._import(["pytest", *preload]) else EXIT_UNUSABLE
        freeze_objects()
        self._context.own_directories.keep()
        while code is None:
            code = self._context.obey(self._follow, gone=0)
        end_children(set())
        self._context.own_directories.clean()
        return code

    def _import(self, modules):
        began = monotonic()
        try:
            for name in modules:
                importlib.import_module(name)
        except BaseException as error:  # sys.exit() too
            check_free_descriptors()
            self._events.send("unusable", message=first_line(f"cannot import {name}: {type(error).__name__}: {error}"),
                              details=traceback.format_exc())
            return False
        self._events.send("hello", protocol=_PROTOCOL, pid=os.getpid(), python=platform.python_version(),
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
            raise BadCommand(f"unknown command '{name}'")
        host = Host(self._context, command)
        if host.forks:
            return self._run_in_host(host)
        return EXIT_BROKEN if host.run() == EXIT_BROKEN else 0

    def _run_in_host(self, host):
        def run_host():
            os.setpgid(0, 0)  # so that it can be signalled without the others
            become_subreaper()
            self._events.become_writer()
            return host.run()

        before = children()
        pid = fork_running(run_host, EXIT_EXCEPTION)
        try:
            ended = wait_for(pid, self._context.commands)
        finally:
            end_children(before)
            self._context.own_directories.clean()
        self._events.send("host_ended", code=ended["code"], signal=ended["signal"])
        return {EXIT_QUIT: 0, EXIT_BROKEN: EXIT_BROKEN}.get(ended["code"])


def run_restarted_host(context, command):
    """Be the host, or root without a fork, that became this interpreter for one file. Return the exit code."""
    restore_default_signals()
    die_with(os.getppid())
    become_subreaper()
    write_stacks_to(context.crash_log)
    host = Host(context, command)
    code = host.run()
    return code if host.forks or code == EXIT_BROKEN else 0
