# SPDX-License-Identifier: Apache-2.0
"""Conditions that make a file unfit for a fork."""

import contextlib
import re
import select
import sys
import threading

from spyre_ci_worker.originals import os, signal
from spyre_ci_worker.processes import children, fork
from spyre_ci_worker.refusals import Refused


class ForkCheck:
    """Effects of a file's import that make it unsafe to run its cases in forked children.

    A forked child has none of the threads, so the locks that they hold stay locked there. A device that the parent
    opened, or that refuses to work in any child, is unusable there. What cannot be found out is None.
    """

    DEVICE_FILES = re.compile(r"/dev/vfio/\d+")
    MAX_THREADS = 20
    PATIENCE = 5000  # milliseconds until a child that is asked counts as stuck

    def __init__(self):
        self._threads = {}
        self._children = set()

    @contextlib.contextmanager
    def watching(self):
        """Count threads and processes that start within this context as started by the file."""
        threads, children_before = self._thread_names(), children()
        yield
        now = self._thread_names()
        self._threads.update((number, name) for number, name in now.items() if number not in threads)
        self._children |= children() - children_before

    def result(self):
        """Return the field `fork` of `collected`."""
        alive = self._thread_names()
        threads = sorted(alive[number] for number in self._threads if number in alive)
        return {**self.device(), "threads": threads[:self.MAX_THREADS], "children": len(self._children & children())}

    @classmethod
    def device(cls):
        """Return the state of the device in this process."""
        module = cls._out_of_tree_device()
        answers = [cls._ask(one, "is_initialized") for one in (module, cls._module("cuda")) if one]
        return {"open": True if True in answers else None if None in answers else False,
                "bad_here": cls._ask(module, "_is_in_bad_fork") if module else False,
                "bad_in_child": cls._ask_in_child(module, "_is_in_bad_fork") if module else False,
                "files": cls._device_files()}

    @staticmethod
    def _thread_names():
        """Return {number: name} of the threads of this process, also of those that are not Python's."""
        named = {thread.native_id: thread.name for thread in threading.enumerate()}
        names = {}
        for number in map(int, os.listdir("/proc/self/task")):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{number}/comm", encoding="utf-8") as file:
                names[number] = named.get(number) or file.read().strip()
        return names

    @staticmethod
    def _module(name):
        """Return a device module of torch, if torch was imported; it is not imported for this."""
        return vars(sys.modules.get("torch", object)).get(name)

    @classmethod
    def _out_of_tree_device(cls):
        """Return the module of the device that is not in PyTorch's tree (PrivateUse1), when one was registered."""
        try:
            return cls._module(cls._module("_C")._get_privateuse1_backend_name())
        except Exception:  # torch is missing or does not support it
            return None

    @staticmethod
    def _ask(module, function):
        # Never device_count() or current_device(): they may open the device.
        try:
            return bool(getattr(module, function)())
        except Exception:
            return None

    @classmethod
    def _ask_in_child(cls, module, function):
        if not hasattr(module, function):
            return None
        reading, writing = os.pipe()
        try:
            pid = fork()
        except Refused:
            pid = None
        if pid == 0:
            answer = cls._ask(module, function)
            os.write(writing, b"?" if answer is None else b"1" if answer else b"0")
            os._exit(0)
        if pid is None:
            os.write(writing, b"?")
        os.close(writing)
        poller = select.poll()
        poller.register(reading, select.POLLIN)
        answer = os.read(reading, 1) if poller.poll(cls.PATIENCE) else b""  # one that is stuck or crashes is bad
        os.close(reading)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return {b"0": False, b"?": None}.get(answer, True)

    @classmethod
    def _device_files(cls):
        found = set()
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/self/fd/{name}"))
        return sorted(filter(cls.DEVICE_FILES.fullmatch, found))
