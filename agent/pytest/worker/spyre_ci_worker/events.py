# SPDX-License-Identifier: Apache-2.0
"""The pipe to the agent."""

from spyre_ci_worker.exit_codes import EXIT_AGENT_GONE, EXIT_STRAY
from spyre_ci_worker.frames import frame
from spyre_ci_worker.originals import os


class Events:
    """Writes events. Only one process is the writer; a process that a test forked exits when it tries."""

    def __init__(self, descriptors, fd):
        self._descriptors = descriptors
        self._fd = fd
        self._writer = os.getpid()
        self._pending = []

    def become_writer(self):
        """Make this process, just forked, the writer."""
        self._writer = os.getpid()

    def exit_unless_writer(self):
        """End a process that a test forked and that came back from the test: it must neither run nor report cases."""
        if os.getpid() != self._writer:
            os._exit(EXIT_STRAY)

    def add(self, event, **fields):
        """Write the event together with the next one that is sent. Error: TooLarge."""
        self._pending.append(frame(event, fields))

    def send(self, event, **fields):
        """Write the event now. Error: TooLarge."""
        self.add(event, **fields)
        self.flush()

    def flush(self):
        """Write the events that were added. The process exits when the agent has closed the pipe."""
        self.exit_unless_writer()
        self._descriptors.restore(self._fd)
        data = memoryview(b"".join(self._pending))
        self._pending.clear()
        while data:
            try:
                data = data[os.write(self._fd, data):]
            except BlockingIOError:
                os.set_blocking(self._fd, True)
            except OSError:
                os._exit(EXIT_AGENT_GONE)
