# SPDX-License-Identifier: Apache-2.0
"""Do something when a module is imported."""

import sys


def when_imported(name, action):
    """Call `action` with the module when it has been imported: now, or at the end of its first import."""
    if name in sys.modules:
        action(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, action))


class _Finder:
    """Finds one module as the other finders do, once."""

    def __init__(self, name, action):
        self._name = name
        self._action = action

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        found = (finder.find_spec(name, path, target) for finder in list(sys.meta_path) if hasattr(finder, "find_spec"))
        spec = next(filter(None, found), None)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def execute_and_act(module):
                execute(module)
                self._action(module)

            spec.loader.exec_module = execute_and_act
        return spec
