# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the expecttest package, which Debian 12 does not have: as much of it as PyTorch's test utilities use.
Where the package is installed, the import gives the package."""

import importlib.machinery
import importlib.util
import os
import sys
import textwrap
import unittest

_here = os.path.dirname(os.path.realpath(__file__))
_real = importlib.machinery.PathFinder.find_spec(
    __name__, [entry for entry in sys.path if os.path.realpath(entry or ".") != _here])
if _real is not None:
    sys.modules[__name__] = importlib.util.module_from_spec(_real)
    _real.loader.exec_module(sys.modules[__name__])

ACCEPT = False


class TestCase(unittest.TestCase):
    longMessage = True

    def assertExpectedInline(self, actual, expect, skip=0):
        self.assertMultiLineEqual(textwrap.dedent(expect), actual)
