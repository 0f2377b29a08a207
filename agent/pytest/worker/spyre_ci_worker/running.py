# SPDX-License-Identifier: Apache-2.0
"""Run one slice of a file's cases."""

import traceback
from time import monotonic

from spyre_ci_worker.originals import os
from spyre_ci_worker.reports import CaseReport
from spyre_ci_worker.surroundings import Surroundings


class _JUnit:
    """The slice's JUnit file, written by pytest's own writer; not written without a path."""

    _OPTIONS = ("suite_name", "logging", "duration_report", "family", "log_passing_tests")

    def __init__(self, config, path):
        self._plugins = config.pluginmanager
        self._log = None
        if path:
            from _pytest.junitxml import LogXML

            ini = (config.getini(f"junit_{name}") for name in self._OPTIONS)
            self._log = LogXML(path, config.option.junitprefix, *ini)
            self._log.pytest_sessionstart()
            self._plugins.register(self._log)

    def write(self):
        if self._log:
            self._plugins.unregister(self._log)
            self._log.pytest_sessionfinish()


class Runner:
    """Runs the cases of one slice and reports each as it starts and ends."""

    def __init__(self, session, context):
        from _pytest import runner

        self._pytest = runner
        self._session = session
        self._events = context.events
        self._descriptors = context.descriptors
        self._surroundings = Surroundings(session.config, context)
        self._report = CaseReport()

    def run(self, command):
        """Follow the RunCommand, from `child` to `done`."""
        self._events.send("child", slice=command.slice, pid=os.getpid())
        junit = _JUnit(self._session.config, command.junit)
        items = [self._session.items[case] for case in command.cases]
        for case, item, following in zip(command.cases, items, items[1:] + [None]):
            began = monotonic()
            self._events.send("start", case=case, t=round(began, 6))
            self._run_case(item, following)
            self._events.add("finish", case=case, seconds=round(monotonic() - began, 6),
                             **self._report.fields(command.text_limit))
        self._events.flush()
        try:
            junit.write()
        except OSError as error:
            self._events.send("problem", message=f"the JUnit file of slice {command.slice} is not written: {error}")
        self._events.send("done", slice=command.slice)

    def _run_case(self, item, following):
        """Run one case and tear it down.

        What interrupts pytest (KeyboardInterrupt, pytest.exit) leaves the case set up, and its tear-down can interrupt
        again: the steps after the first are for that.
        """
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
        """Report an exception that interrupted pytest as a failure of the phase that raised it."""
        self._events.exit_unless_writer()

        def again():
            raise error

        phase = self._report.phase
        try:
            call = self._pytest.CallInfo.from_call(again, when=phase)
            report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        except BaseException:  # a plugin is at fault
            report = self._pytest.TestReport(item.nodeid, item.location, {}, "failed", traceback.format_exc(), phase)
        item.ihook.pytest_runtest_logreport(report=report)

    # Called by the plugin while a case runs.

    def before_call(self):
        self._surroundings.keep()

    def after_call(self):
        self._events.exit_unless_writer()
        self._surroundings.put_back()  # first, for the limit of open files
        self._descriptors.restore()

    def after_teardown(self):
        self.after_phase()
        self._surroundings.make_directories()

    def after_phase(self):
        """Restore descriptors: the test's own code is done, and pytest's capture has not yet looked at its files."""
        self._events.exit_unless_writer()
        self._descriptors.restore()

    def reported(self, report):
        self._report.add(report)
