# SPDX-License-Identifier: Apache-2.0
"""How the agent starts a worker."""

import argparse
import sys

from spyre_ci_worker.context import Context
from spyre_ci_worker.exit_codes import EXIT_REFUSED
from spyre_ci_worker.frames import frame
from spyre_ci_worker.originals import json, os
from spyre_ci_worker.processes import exit_now
from spyre_ci_worker.refusals import Refused, needed
from spyre_ci_worker.root import Root, run_restarted_host


def main():
    """Run the worker. Does not return."""
    options = _read_options()
    program = os.path.realpath(sys.argv[0])
    # Tests must see neither our arguments (some modules parse them) nor our package as a place to import from.
    del sys.argv[1:]
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != program]
    command = None
    if options.host >= 0:
        with open(options.host, encoding="utf-8") as file:
            command = json.load(file)
    try:
        with needed("start"):
            context = Context(program, options.commands, options.events, options.scratch)
            if command:
                exit_now(run_restarted_host(context, command))
            exit_now(Root(context).run([name for name in options.preload.split(",") if name]))
    except Refused as error:
        os.write(options.events, frame("refused", error.fields()))
        exit_now(EXIT_REFUSED)


def _read_options():
    parser = argparse.ArgumentParser(description="Runs pytest for spyre-ci; see PROTOCOL.md.")
    parser.add_argument("--commands", type=int, required=True, help="file descriptor to read commands from")
    parser.add_argument("--events", type=int, required=True, help="file descriptor to write events to")
    parser.add_argument("--preload", default="", help="modules to import once, separated by commas")
    parser.add_argument("--scratch", default="", help="this worker's own temporary directory, cleaned after each file")
    # Of restart(): the file descriptor with the command `open`.
    parser.add_argument("--host", type=int, default=-1, help=argparse.SUPPRESS)
    return parser.parse_args()
