# SPDX-License-Identifier: Apache-2.0
"""Cases that pytest collected and left out again."""

import sys

from spyre_ci_worker.originals import os

_OWN_PACKAGE = __name__.partition(".")[0]


class Deselection:
    """The cases that options, a conftest.py or a plugin left out, and why."""

    def __init__(self, root):
        self._root = os.path.join(os.path.realpath(root), "")
        self._reasons = {}
        self._items = []

    def collected(self, items):
        """Remember these items, before anything is left out."""
        self._items = items

    def deselected(self, items):
        """Remember which option or plugin left these items out. Called by the hook pytest_deselected."""
        reason = self._caller(items[0].config.option) if items else ""
        self._reasons.update((id(item), reason) for item in items)

    def missing(self, items):
        """Return [(item, reason)] for those that are not among the items any more."""
        left = set(map(id, items))
        return [(item, f"deselected by {self._reasons.get(id(item), 'a conftest.py or a plugin')}")
                for item in self._items if id(item) not in left]

    def _caller(self, options):
        """Return the caller of pytest_deselected as users know it."""
        frame = sys._getframe(1)
        while frame and _package_of(frame) in (_OWN_PACKAGE, "pluggy"):
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


def _package_of(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]
