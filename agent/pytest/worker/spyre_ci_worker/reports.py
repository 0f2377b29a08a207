# SPDX-License-Identifier: Apache-2.0
"""Pytest's reports as events of the protocol."""

import re

from spyre_ci_worker.text import capped, error_line, first_line, joined


def reason_of(report):
    """Return a one-line reason why a report is not a pass."""
    why = report.longrepr
    if isinstance(why, tuple):  # a skip: path, line, reason
        return first_line(re.sub(r"^(Skipped|unittest\.case\.SkipTest): ", "", str(why[2])))
    crash = getattr(why, "reprcrash", None)
    if crash is None:
        return error_line(str(why or ""))
    # The agent looks for this text where a configuration expects the failure; pytest 8 puts the exception before it.
    return first_line(re.sub(r"^Failed: (?=Unexpected success)", "", crash.message))


def details_of(report):
    """Return pytest's complete text about a report that is not a pass."""
    if isinstance(report.longrepr, tuple):
        return "{}:{}: {}".format(*report.longrepr)
    return str(report.longrepr or "")


def output_of(report):
    """Return the output captured up to this report, phase by phase."""
    return "\n".join(f"--- {name} ---\n{text}" for name, text in report.sections)


def _outcome_of(report):
    expected_to_fail = hasattr(report, "wasxfail")
    if report.outcome == "failed":
        return "failed" if report.when == "call" else "error"
    if report.outcome == "skipped":
        return "xfailed" if expected_to_fail else "skipped"
    return "xpassed" if expected_to_fail else "passed"


def _is_subtest(report):
    """Return whether a report is of one subtest (pytest 9, pytest-subtests) and not of the whole case."""
    return getattr(report, "context", None) is not None


def ignore_skipped_subtests():
    """Make pytest skip a case only for a skip of the case itself: a plugin for subtests lets unittest report each."""
    import unittest
    from _pytest.unittest import TestCaseFunction

    skip = TestCaseFunction.addSkip

    def skip_unless_subtest(self, testcase, reason):
        if not isinstance(testcase, unittest.case._SubTest):
            skip(self, testcase, reason)

    TestCaseFunction.addSkip = skip_unless_subtest


class CaseReport:
    """The outcome of one case, from the reports of its set-up, call and tear-down."""

    _FROM_BEST_TO_WORST = ("passed", "skipped", "xfailed", "xpassed", "error", "failed")

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
        """Return the fields of `finish`; `limit` is in bytes of `details` and of `output`."""
        # A skipped subtest says nothing about the others: only failures of subtests count.
        counting = [report for report in self._reports if report.failed or not _is_subtest(report)]
        worst = max(counting, key=lambda report: self._FROM_BEST_TO_WORST.index(_outcome_of(report)), default=None)
        if worst is None:
            return {"outcome": "error", "message": "pytest reported nothing", "details": "", "output": ""}
        output = capped(output_of(self._reports[-1]), limit)
        outcome = _outcome_of(worst)
        if outcome == "passed" and not any(report.when == "call" for report in counting):
            return {"outcome": "error", "message": "pytest set it up and tore it down without calling it",
                    "details": "", "output": output}
        message = "" if outcome == "passed" else getattr(worst, "wasxfail", None) or reason_of(worst)
        if message.startswith("reason: "):
            message = message[len("reason: "):]
        return {"outcome": outcome, "message": first_line(message),
                "details": capped(joined(map(details_of, self._reports)), limit), "output": output}
