# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the expecttest package, which Debian does not have: as much of it as PyTorch's test utilities use."""

import textwrap
import unittest

ACCEPT = False


class TestCase(unittest.TestCase):
    longMessage = True

    def assertExpectedInline(self, actual, expect, skip=0):
        self.assertMultiLineEqual(textwrap.dedent(expect), actual)
