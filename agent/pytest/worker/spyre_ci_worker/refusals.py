# SPDX-License-Identifier: Apache-2.0
"""Processes and files that the machine refuses: no case and no file is at fault."""

import contextlib
import errno

from spyre_ci_worker.originals import os

_REFUSALS = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}
_FILES_NEEDED = 10  # by pytest and a test that does not open any


class Refused(Exception):
    """The machine refuses a resource that the worker needs."""

    def __init__(self, what, error):
        super().__init__(f"cannot {what}: {error.strerror}")
        self._errno = errno.errorcode.get(error.errno, str(error.errno))

    def fields(self):
        """Return the fields of `refused`."""
        return {"errno": self._errno, "message": str(self)}


@contextlib.contextmanager
def needed(what):
    """Turn an error of the machine within this context into Refused; `what` completes "cannot …"."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise Refused(what, error) from None


def check_free_descriptors():
    """Check that there is room for the files that every test needs. Error: Refused."""
    taken = []
    try:
        with needed("open files"):
            while len(taken) < _FILES_NEEDED:
                taken.append(os.dup(2))
    finally:
        for fd in taken:
            os.close(fd)
