# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin that writes down which files of torch had a function called while tests ran: not while they were
imported or collected.

    EXECUTED_FILES=OUT EXECUTED_SECONDS=15 python3 -m pytest -p executed_files FILE

OUT is JSON: {"tests": how many passed, "files": ["torch/nn/modules/pooling.py", …]}. After so many seconds no further
test is begun, and soon after the process ends, in the middle of a test if need be.
"""
import json
import os
import signal
import sys
import threading
import time

import pytest

BEGAN = time.monotonic()
SECONDS = float(os.environ.get("EXECUTED_SECONDS", "15"))
called, passed = set(), []


def watch(frame, event, _argument):
    # "<module>" is the text of a file that is being imported: nobody called it.
    if event == "call" and frame.f_code.co_name != "<module>":
        called.add(frame.f_code.co_filename)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    if time.monotonic() - BEGAN > SECONDS:
        item.session.shouldstop = "enough was seen"
    threading.setprofile(watch)
    sys.setprofile(watch)
    outcome = yield
    sys.setprofile(None)
    threading.setprofile(None)
    if outcome.excinfo is None:
        passed.append(item.nodeid)


def write():
    torch = sys.modules.get("torch")
    root = os.path.dirname(os.path.dirname(torch.__file__)) + "/" if torch else "/nowhere/"
    files = sorted(name[len(root):] for name in called if name.startswith(root + "torch/"))
    with open(os.environ["EXECUTED_FILES"], "w", encoding="utf-8") as out:
        json.dump({"tests": len(passed), "files": files}, out)


def stop(_number, _frame):
    sys.setprofile(None)
    write()
    os._exit(0)


def pytest_configure():
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS + 5)


def pytest_unconfigure():
    signal.setitimer(signal.ITIMER_REAL, 0)
    write()
