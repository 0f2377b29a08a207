# SPDX-License-Identifier: Apache-2.0
"""State that all processes of a worker share."""

import contextlib

from spyre_ci_worker.crash import open_crash_log
from spyre_ci_worker.descriptors import Descriptors
from spyre_ci_worker.events import Events
from spyre_ci_worker.exit_codes import EXIT_BROKEN
from spyre_ci_worker.frames import AgentGone, BadCommand, BrokenProtocol, read_command
from spyre_ci_worker.originals import fcntl, os
from spyre_ci_worker.refusals import Refused
from spyre_ci_worker.scratch import OwnDirectories

_F_SETPIPE_SZ = 1031


class Context:
    """The pipes to the agent, and resources of the worker that a test must not take from it. Error: OSError."""

    def __init__(self, program, commands, events, scratch):
        self.arguments = [program, "--commands", str(commands), "--events", str(events)]
        if scratch:
            self.arguments += ["--scratch", scratch]
        self.environment = dict(os.environ)
        self.own_directories = OwnDirectories(scratch)
        for fd in (commands, events):
            os.set_inheritable(fd, False)
        with contextlib.suppress(OSError):  # room for whole frames: a child that is killed while it waits cuts one
            fcntl.fcntl(events, _F_SETPIPE_SZ, 1 << 20)
        self.pipes = (commands, events)
        self.commands = commands
        self.crash_log = open_crash_log()
        self.descriptors = Descriptors()
        self.descriptors.remember((events, self.crash_log))
        self.events = Events(self.descriptors, events)
        # Of root; empty in a host that became an interpreter of its own.
        self.preloaded = frozenset()  # packages that root imported
        self.children_of_root = frozenset()  # processes that a host which is root itself must not end

    def obey(self, follow, gone):
        """Read one command and call `follow` with it; report its errors.

        Return the exit code if no command follows (`gone` if the agent closed the commands), else None.
        """
        try:
            return follow(read_command(self.commands))
        except BadCommand as error:
            self.events.send("problem", message=str(error))
        except Refused as error:
            self.events.send("refused", **error.fields())
        except BrokenProtocol as error:
            self.events.send("problem", message=str(error))
            return EXIT_BROKEN
        except AgentGone:
            return gone
        return None
