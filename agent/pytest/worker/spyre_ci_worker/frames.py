# SPDX-License-Identifier: Apache-2.0
"""Commands and events as bytes: a length (4 bytes, big-endian), then that many bytes of UTF-8 JSON."""

from spyre_ci_worker.originals import json, os, struct

MAX_FRAME = 64 << 20


class BadCommand(Exception):
    """A command that cannot be followed; the next one may be valid."""


class BrokenProtocol(Exception):
    """The worker no longer knows where the next frame begins."""


class TooLarge(Exception):
    """An event that does not fit in a frame."""


class AgentGone(Exception):
    """The agent closed the commands, or ended."""


def _read_exactly(fd, size):
    """Read that many bytes of a pipe and not one more, because root and host read the same pipe."""
    parts = []
    while size:
        try:
            part = os.read(fd, min(size, 1 << 20))
        except OSError:  # a test file closed it as it was imported
            part = b""
        if not part:
            raise AgentGone
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_command(fd):
    """Return the next command, an object with the key `command`. Errors: AgentGone, BadCommand, BrokenProtocol."""
    (size,) = struct.unpack(">I", _read_exactly(fd, 4))
    if size > MAX_FRAME:
        raise BrokenProtocol(f"a frame of {size} bytes is over the limit of {MAX_FRAME}")
    body = _read_exactly(fd, size)
    try:
        command = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCommand(f"a command is not JSON: {error}") from None
    if not isinstance(command, dict) or not isinstance(command.get("command"), str):
        raise BadCommand("a command is not an object with the key 'command'")
    return command


def frame(event, fields):
    """Return an event as bytes; lone surrogates, which are not Unicode, become question marks. Error: TooLarge."""
    body = json.dumps({"event": event, **fields}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if len(body) > MAX_FRAME:
        raise TooLarge(f"the event '{event}' of {len(body)} bytes is over the limit of {MAX_FRAME}")
    return struct.pack(">I", len(body)) + body
