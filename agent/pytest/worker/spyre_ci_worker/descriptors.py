# SPDX-License-Identifier: Apache-2.0
"""Files that the worker needs open."""

import contextlib

from spyre_ci_worker.originals import fcntl, os


class Descriptors:
    """The files that the worker needs open. A file that a test closed is opened again: the parent still has it."""

    def __init__(self):
        self._known = {}

    def remember(self, numbers):
        """Remember the files of these descriptors, for restore()."""
        for fd in numbers:
            with contextlib.suppress(OSError):
                self._known[fd] = (self._identity(fd), fcntl.fcntl(fd, fcntl.F_GETFL), os.get_inheritable(fd))

    def restore(self, *numbers):
        """Open those of these descriptors, or of all, again that refer to another file now."""
        for fd in numbers or self._known:
            if self._identity(fd) != self._known[fd][0]:
                self._reopen(fd, *self._known[fd])

    @staticmethod
    def opened():
        """Return the numbers of all open descriptors."""
        return {int(name) for name in os.listdir("/proc/self/fd")}

    @staticmethod
    def _identity(fd):
        try:
            status = os.fstat(fd)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _reopen(self, fd, identity, flags, inheritable):
        directory = f"/proc/{os.getppid()}/fd"
        # Appending, because a file that is opened again begins at its start.
        flags = flags & os.O_ACCMODE | os.O_APPEND | os.O_CLOEXEC
        for name in os.listdir(directory):
            with contextlib.suppress(OSError):  # it was closed, or was opened for another use
                status = os.stat(f"{directory}/{name}")
                if (status.st_dev, status.st_ino) == identity:
                    found = os.open(f"{directory}/{name}", flags)
                    if found != fd:
                        os.dup2(found, fd)
                        os.close(found)
                    os.set_inheritable(fd, inheritable)
                    return
