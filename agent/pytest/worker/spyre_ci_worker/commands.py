# SPDX-License-Identifier: Apache-2.0
"""The fields of the agent's commands."""

from spyre_ci_worker.frames import BadCommand
from spyre_ci_worker.text import MAX_TEXT, TEXT_LIMIT


def _field(command, name, kind, default=None):
    """Return a field of a command; one that is absent or null has the default, and is an error without a default."""
    value = command.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadCommand(f"'{command['command']}' needs the field '{name}'")
    return value


class InjectSettings:
    """The field `inject` of the command `open`: what the out-of-tree device is to have of a file. Error: BadCommand."""

    def __init__(self, command):
        fields = _field(command, "inject", dict)
        self.plain = fields.get("plain") or "configured"
        configured = fields.get("configured") or []
        if (self.plain not in ("configured", "device", "host") or
                not isinstance(configured, list) or not all(isinstance(one, str) for one in configured)):
            raise BadCommand(f"'open' has a field 'inject' that is not understood: {fields}")
        self._tests = set(configured)
        self._classes = {name.partition("::")[0] for name in configured}

    def names(self, cls, *tests):
        """Return whether a configuration names the class as a whole or one of these tests of it; any, without tests."""
        if not tests:
            return cls in self._classes
        return cls in self._tests or any(f"{cls}::{test}" in self._tests for test in tests)


class OpenCommand:
    """The command `open`: the file to collect, and how. Error: BadCommand."""

    def __init__(self, command):
        self.fields = command
        self.root = _field(command, "root", str)
        self.file = _field(command, "file", str)
        self.cwd = _field(command, "cwd", str, default=self.root)
        self.arguments = [str(argument) for argument in _field(command, "args", list, default=[])]
        self.environment = _field(command, "environment", dict, default={})
        self.forks = _field(command, "fork", bool, default=True)
        self.plain_asserts = _field(command, "asserts", str, default="") == "plain"
        self.inject = None if command.get("inject") is None else InjectSettings(command)


class RunCommand:
    """The command `run`: a slice of the file's `count` cases. Error: BadCommand."""

    def __init__(self, command, count):
        self.slice = _field(command, "slice", int)
        self.cases = _field(command, "cases", list)
        self.junit = _field(command, "junit", str, default="")
        self.text_limit = max(0, min(_field(command, "text_limit", int, default=TEXT_LIMIT), MAX_TEXT))
        for case in self.cases:
            if type(case) is not int or not 0 <= case < count:
                raise BadCommand(f"slice {self.slice} asks for case {case!r} of {count}")
