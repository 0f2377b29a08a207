# SPDX-License-Identifier: Apache-2.0
"""Collection of one file."""

import sys
from time import monotonic

from spyre_ci_worker.capture import Tee, bound_capture
from spyre_ci_worker.deselection import Deselection
from spyre_ci_worker.fork_check import ForkCheck
from spyre_ci_worker.frames import TooLarge
from spyre_ci_worker.fresh_start import EarlyVariables
from spyre_ci_worker.injection import Injection
from spyre_ci_worker.options import Options
from spyre_ci_worker.originals import os
from spyre_ci_worker.reports import details_of, output_of, reason_of
from spyre_ci_worker.text import TEXT_LIMIT, as_unicode, capped, error_line, first_line, joined


class Collection:
    """The collection of one file, from the start of pytest to the event `collected`."""

    def __init__(self, context, command):
        self._events = context.events
        self._context = context
        self._command = command
        self._began = monotonic()
        self._open_before = set()
        self._errors = []
        self._early_variables = None
        self.options = Options(command.plain_asserts)
        self.deselection = Deselection(command.root)
        self.fork_check = ForkCheck()
        self.injection = Injection(command.inject, command.root, command.file) if command.inject else None
        self.internal_error = ""

    def begin(self):
        """Remember what is open before pytest starts."""
        self._open_before = self._context.descriptors.opened()
        if self.injection:
            self.injection.begin()

    # Called by the plugin, in this order.

    def capture_started(self, config):
        """Remember what pytest opened: it captures output now, as when tests run, and has opened nothing else."""
        bound_capture(config)
        descriptors = self._context.descriptors
        descriptors.remember({0, 1, 2} | descriptors.opened() - self._open_before)
        for stream in (sys.stdout, sys.stderr):
            if not isinstance(stream, Tee):
                stream.close = lambda: None  # closed by one test, it would fail all that follow

    def options_read(self, config):
        for option in self.options.neutralize(config.option):
            self._events.send("problem", message=f"pytest is configured with {option}, which is ignored")

    def conftests_loaded(self):
        """Set sys.path: a conftest.py puts its directory first, where the root of a tree would hide installed packages.

        Tests import what is beside them, as `python FILE` lets them.
        """
        self._early_variables = EarlyVariables(self._context)
        root = os.path.realpath(self._command.root)
        sys.path.sort(key=lambda directory: os.path.realpath(directory) == root)
        beside = os.path.dirname(os.path.join(self._command.root, self._command.file))
        if os.path.realpath(beside) != root:
            sys.path.insert(0, beside)

    def module_made(self, collector):
        if self.injection:
            self.injection.watch(collector)

    def items_collected(self, items):
        """Take out what runs under another name. To be called before anything else is left out."""
        if self.injection:
            self.injection.drop_replaced(items)
        self.deselection.collected(list(items))

    def reported(self, report):
        if not report.passed:
            self._add_error(reason_of(report), joined((details_of(report), output_of(report))),
                            id=report.nodeid or self._command.file, outcome="error" if report.failed else "skipped")

    def needs_fresh_start(self):
        """Return whether the file needs an interpreter of its own."""
        return self._early_variables.are_missed(self._command.root)

    # The event.

    def report(self, items):
        """Send `collected` for these items."""
        self._report(items, self.deselection.missing(items))

    def report_failure(self, reason):
        """Send `collected` for a file that ended pytest before it was collected."""
        self._add_error(error_line(reason), reason)
        self._report([], [])

    def _report(self, items, left_out):
        seconds = round(monotonic() - self._began, 6)
        for name, message, details in self.injection.errors if self.injection else ():
            self._add_error(message, details, id=name)
        cases = list(_unique(as_unicode(item.nodeid) for item in [*items, *(item for item, _ in left_out)]))
        try:
            self._events.send(
                "collected", cases=cases, seconds=seconds, errors=self._errors,
                skipped=[{"case": case, "reason": first_line(reason)}
                         for case, (_, reason) in enumerate(left_out, len(items))],
                serial=[case for case, item in enumerate(items) if item.get_closest_marker("serial")],
                fork=self.fork_check.result() if self._command.forks else None,
                **({"injected": self.injection.injected} if self.injection else {}))
        except TooLarge as error:
            why = f"{len(cases)} cases and {len(self._errors)} errors are too many to tell: {error}"
            self._errors.clear()
            self._add_error(first_line(why), why)
            self._events.send("collected", cases=[], seconds=seconds, errors=self._errors)

    def _add_error(self, message, details, **fields):
        self._errors.append({"id": self._command.file, "outcome": "error", "message": message,
                             "details": capped(details, TEXT_LIMIT), **fields})


def _unique(ids):
    """Yield the ids, those that occur again with a number after them: test_x[a-b], test_x[a-b][2]."""
    seen = set()
    for name in ids:
        candidate, number = name, 2
        while candidate in seen:
            candidate, number = f"{name}[{number}]", number + 1
        seen.add(candidate)
        yield candidate
