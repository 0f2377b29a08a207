# SPDX-License-Identifier: Apache-2.0
"""Text that fits into an event."""

import re

from spyre_ci_worker.frames import MAX_FRAME

TEXT_LIMIT = 64 << 10  # bytes, where the command has no limit
MAX_TEXT = MAX_FRAME // 16  # bytes, whatever the command says
_MESSAGE_LIMIT = 500  # characters


def as_unicode(text):
    """Return the text as it can be sent: lone surrogates, which are not Unicode, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def joined(parts):
    """Return the parts that are not empty, one below the other."""
    return "\n".join(filter(None, parts))


def capped(text, limit):
    """Return the text, or its head and its tail when it has more bytes than the limit."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    half = limit // 2
    middle = data[half:len(data) - half]
    before = sum(map(int, re.findall(rb"\[\.\.\. (\d+) bytes left out \.\.\.\]", middle)))
    return head_and_tail(data[:half], len(middle) + before, data[len(data) - half:])


def head_and_tail(head, left_out, tail):
    """Return the rest of a text that had too many bytes."""
    head, tail = head.decode("utf-8", "ignore"), tail.decode("utf-8", "ignore")
    return f"{head}\n[... {left_out} bytes left out ...]\n{tail}"


def first_line(text):
    """Return the first line that is not blank, cut to the length of a message."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= _MESSAGE_LIMIT else line[:_MESSAGE_LIMIT - 3] + "..."


def error_line(text):
    """Return the line that names the error in its text: the last one marked by pytest or argparse, or the last."""
    lines = [line for line in text.splitlines() if line.strip()]
    marked = re.findall(r"^(?:E  |\S+: error: )(.+)", text, re.MULTILINE)
    return first_line((marked or lines or [""])[-1])
