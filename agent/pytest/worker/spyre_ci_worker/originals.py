# SPDX-License-Identifier: Apache-2.0
"""Standard modules as they are before a test runs: tests mock their functions, and the worker needs the real ones."""

import faulthandler
import fcntl
import json
import os
import resource
import signal
import struct
import types


def _as_imported(module, **changed):
    """Return what a module contains now."""
    return types.SimpleNamespace(**{**vars(module), **changed})


os = _as_imported(os, path=_as_imported(os.path))
faulthandler, fcntl, json, resource, signal, struct = map(
    _as_imported, (faulthandler, fcntl, json, resource, signal, struct))
