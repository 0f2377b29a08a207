# SPDX-License-Identifier: Apache-2.0
"""The host: one file, imported and collected in this process, its cases run in children."""

import sys
import traceback
import types

from spyre_ci_worker.capture import Tee, read_captured
from spyre_ci_worker.collecting import Collection
from spyre_ci_worker.commands import OpenCommand, RunCommand
from spyre_ci_worker.exit_codes import EXIT_AGENT_GONE, EXIT_BROKEN, EXIT_QUIT
from spyre_ci_worker.frames import BadCommand
from spyre_ci_worker.fresh_start import restart
from spyre_ci_worker.originals import os, resource
from spyre_ci_worker.plugin import make_plugin
from spyre_ci_worker.processes import children, end_children, fork_running, freeze_objects, wait_for
from spyre_ci_worker.refusals import Refused, check_free_descriptors
from spyre_ci_worker.running import Runner
from spyre_ci_worker.text import capped


class Host:
    """One file: collected, then served until the agent closes it."""

    def __init__(self, context, command):
        """`command` is the `open` of the agent. Error: BadCommand."""
        self._context = context
        self._events = context.events
        self._command = OpenCommand(command)
        self._session = None
        self._exit_code = None
        self._needs_fresh_start = False
        self.collection = Collection(context, self._command)
        self.runner = None  # of the slice that runs

    @property
    def forks(self):
        return self._command.forks

    def run(self):
        """Collect the file and follow commands until it is closed. Return the exit code of the host."""
        self._events.send("host", pid=os.getpid())
        try:
            check_free_descriptors()
        except Refused as error:
            self._events.send("refused", **error.fields())
            self._serve()
            return self._exit_code
        reason = self._run_pytest()
        if self._needs_fresh_start:
            restart(self._context, self._command)
        if self._session is None:
            self.collection.report_failure(reason)
            self._serve()
        return EXIT_BROKEN if self._exit_code is None else self._exit_code

    def _run_pytest(self):
        """Collect and, if that succeeds, follow commands. Return why the collection did not finish."""
        import pytest

        command = self._command
        path = os.path.join(command.root, command.file)
        sys.argv = [path]
        os.environ.update({name: os.path.expandvars(str(value)) for name, value in command.environment.items()})
        # A process that a test spawns imports the main module of its parent, which must not be the worker's.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.stderr = errors = Tee(sys.stderr)
        self.collection.begin()
        arguments = [path, f"--rootdir={command.root}", "-p", "no:cacheprovider", *command.arguments]
        try:
            os.chdir(command.cwd)
            code = pytest.main(arguments, plugins=[make_plugin(self)])
        except BaseException:  # an exception of a plugin or a conftest.py ends only this file
            return traceback.format_exc()
        return (self.collection.internal_error or errors.text or
                f"pytest ended with {code} before it had collected the file")

    def collected(self, session):
        """Report the collection, then follow the agent's commands. Called by the plugin."""
        plugins = session.config.pluginmanager
        plugins.register(_Silent(plugins.unregister(name="terminalreporter")), "terminalreporter")
        self._session = session
        self._needs_fresh_start = self.collection.needs_fresh_start()
        if self._needs_fresh_start:
            return
        self.collection.report(session.items)
        freeze_objects()
        self._serve()

    def _serve(self):
        while self._exit_code is None:
            self._exit_code = self._context.obey(self._follow, gone=EXIT_AGENT_GONE)

    def _follow(self, command):
        """Do what the command says. Return the exit code if it is to end the host. Errors: BadCommand, Refused."""
        name = command["command"]
        if name == "close":
            return 0
        if name == "quit":
            return EXIT_QUIT
        if name != "run":
            raise BadCommand(f"'{name}' cannot be followed while a file is open")
        self._run_slice(RunCommand(command, len(self._session.items) if self._session else 0))
        return None

    def _run_slice(self, command):
        self.runner = Runner(self._session, self._context)
        before = children()
        try:
            ended = self._run_in_child(command) if self.forks else self._run_here(command)
        finally:
            left = end_children(before)
            self._context.own_directories.put_back()
        output = capped(read_captured(self._session.config), command.text_limit)
        self._events.send("child_ended", slice=command.slice, left=left, output=output, **ended)

    def _run_in_child(self, command):
        def child():
            os.setsid()
            os.close(self._context.commands)
            self._events.become_writer()
            self.runner.run(command)
            return 0

        return wait_for(fork_running(child, EXIT_BROKEN), self._context.commands)

    def _run_here(self, command):
        self.runner.run(command)
        return {"code": 0, "signal": None, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


class _Silent:
    """Pytest's terminal reporter without its hooks, for plugins that ask for it: its output is not read."""

    def __init__(self, reporter):
        self._reporter = reporter

    def __getattr__(self, name):
        return getattr(self._reporter, name)
