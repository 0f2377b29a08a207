# SPDX-License-Identifier: Apache-2.0
"""Output of tests and of pytest itself, in bounded memory."""

import io

from spyre_ci_worker.originals import os
from spyre_ci_worker.text import MAX_TEXT, TEXT_LIMIT, head_and_tail

_HALF = MAX_TEXT // 2


class HeadAndTail(io.BytesIO):
    """A file in memory that is written from its start to its end and keeps no more than head and tail."""

    def __init__(self):
        super().__init__()
        self._left_out = 0

    def write(self, data):
        size = len(data)
        if size > 2 * _HALF:
            self._left_out += size - 2 * _HALF
            data = bytes(data[:_HALF]) + bytes(data[size - _HALF:])
        super().write(data)
        if self.tell() > 4 * _HALF:  # now and then, not at every addition
            head, self._left_out, tail = self._parts()
            self.seek(0)
            super().truncate()
            super().write(head + tail)
        return size

    def truncate(self, size=None):
        self._left_out = 0
        return super().truncate(size)

    def text(self):
        head, left_out, tail = self._parts()
        return head_and_tail(head, left_out, tail) if left_out else (head + tail).decode("utf-8", "replace")

    def _parts(self):
        """Return the head, the number of missing bytes, and the tail."""
        data = self.getvalue()
        tail = max(len(data) - _HALF, _HALF)
        return data[:_HALF], self._left_out + max(0, tail - _HALF), data[tail:]


def _read_head_and_tail(fd):
    """Return the text of a file, which may be larger than memory; omit the middle if it would not be sent anyway."""
    size = os.fstat(fd).st_size
    if size <= MAX_TEXT:
        return os.pread(fd, size, 0).decode("utf-8", "replace")
    return head_and_tail(os.pread(fd, _HALF, 0), size - 2 * _HALF, os.pread(fd, _HALF, size - _HALF))


def bound_capture(config):
    """Keep pytest from reading back, or having in memory, the complete output of a test.

    Output that tests capture themselves (capsys) stays complete, because they inspect it.
    """
    from _pytest.capture import CaptureIO, FDCapture

    class BoundedIO(CaptureIO):
        def __init__(self):
            io.TextIOWrapper.__init__(self, HeadAndTail(), encoding="UTF-8", newline="", write_through=True)

        def getvalue(self):
            return self.buffer.text()

    def bound_file(capture):
        def snap():
            text = _read_head_and_tail(capture.tmpfile.fileno())
            capture.tmpfile.seek(0)
            capture.tmpfile.truncate()
            return text

        capture.snap = snap

    def bound_memory(capture):
        capture.suspend()
        capture.tmpfile = BoundedIO()
        capture.resume()

    # Not part of pytest's interface: a version with other attributes is left alone.
    capturing = getattr(config.pluginmanager.getplugin("capturemanager"), "_global_capturing", None)
    for capture in (getattr(capturing, "out", None), getattr(capturing, "err", None)):
        if isinstance(capture, FDCapture):
            bound_file(capture)
        elif type(getattr(capture, "tmpfile", None)) is CaptureIO:
            bound_memory(capture)


def read_captured(config):
    """Return the output of a case that crashed, if capture keeps it in a file; the next case does not get it."""
    capture = config.pluginmanager.getplugin("capturemanager")
    return "".join(capture.read_global_capture()) if capture else ""


class Tee:
    """Standard error that remembers the end of its text: pytest reports wrong usage only there."""

    def __init__(self, stream):
        self._stream = stream
        self.text = ""

    def write(self, text):
        self.text = (self.text + text)[-TEXT_LIMIT:]
        return self._stream.write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)
