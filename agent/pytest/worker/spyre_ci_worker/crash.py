# SPDX-License-Identifier: Apache-2.0
"""Python stacks of a process that crashes, or hangs and is asked by SIGUSR1."""

from spyre_ci_worker.originals import faulthandler, fcntl, resource, signal

# The lowest descriptor that stacks are written to, out of the way of tests; the highest where the limit is lower.
_LOWEST_DESCRIPTOR = 200


def open_crash_log():
    """Return a descriptor of standard error that tests do not close. Error: OSError."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    lowest = _LOWEST_DESCRIPTOR if limit == resource.RLIM_INFINITY else min(_LOWEST_DESCRIPTOR, limit - 1)
    return fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, lowest)


def write_stacks_to(fd):
    """Make crashes and SIGUSR1 write the stacks of all threads there; again when a test took the signals for itself."""
    faulthandler.enable(file=fd)
    faulthandler.unregister(signal.SIGUSR1)  # otherwise faulthandler does not see that a test replaced its handler
    faulthandler.register(signal.SIGUSR1, file=fd)
