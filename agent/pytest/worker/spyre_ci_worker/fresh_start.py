# SPDX-License-Identifier: Apache-2.0
"""A new interpreter for a file that preloaded modules do not suit."""

import contextlib
import re
import sys

from spyre_ci_worker.originals import json, os
from spyre_ci_worker.processes import end_children, flush_output


class EarlyVariables:
    """Variables that a file sets before it imports a module that was preloaded, and so has not seen them.

    Create it before the file is imported.
    """

    def __init__(self, context):
        self._context = context
        self._environment = dict(os.environ)
        self._modules = set(sys.modules)

    def are_missed(self, root):
        """Return whether a file below `root` that was imported sets a variable that a preloaded module has not seen."""
        changed = {name for name, _ in self._environment.items() ^ os.environ.items() if not name.startswith("PYTEST_")}
        if not changed or not self._context.preloaded:
            return False
        root = os.path.join(os.path.realpath(root), "")
        files = (getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - self._modules)
        return any(isinstance(file, str) and file.endswith(".py") and os.path.realpath(file).startswith(root) and
                   self._is_set_before_import(file, changed) for file in files)

    def _is_set_before_import(self, file, names):
        packages = "|".join(map(re.escape, self._context.preloaded))
        preloaded_import = re.compile(rf"^[ \t]*(?:import|from)[ \t]+(?:{packages})\b", re.MULTILINE)
        try:
            with open(file, encoding="utf-8", errors="replace") as source:
                head = preloaded_import.split(source.read(), maxsplit=1)[0]
        except OSError:
            return False
        return any(f'"{name}"' in head or f"'{name}'" in head for name in names)


def restart(context, command):
    """Replace this process by a new interpreter without preloaded modules that follows the OpenCommand again.

    The pid stays.
    """
    end_children(context.children_of_root)
    flush_output()
    context.descriptors.restore()
    message = os.memfd_create("open")  # arguments would be visible to all users of the machine
    with open(message, "w", encoding="utf-8", closefd=False) as file:
        json.dump(command.fields, file)
    os.lseek(message, 0, os.SEEK_SET)
    for fd in context.descriptors.opened():
        with contextlib.suppress(OSError):  # that of the list itself
            os.set_inheritable(fd, fd in (0, 1, 2, *context.pipes, message))
    os.execve(sys.executable, [sys.executable, *context.arguments, "--host", str(message)], context.environment)
