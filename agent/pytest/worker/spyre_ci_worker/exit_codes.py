# SPDX-License-Identifier: Apache-2.0
"""Exit codes of the worker's processes."""

EXIT_EXCEPTION = 1  # as Python itself exits for an exception that was not caught
EXIT_BROKEN = 2  # the agent violated the protocol
EXIT_UNUSABLE = 3  # pytest or a preload module cannot be imported
EXIT_AGENT_GONE = 4
EXIT_REFUSED = 5  # the machine refuses resources that the worker needs to start
EXIT_STRAY = 70  # of a process that a test forked and that returned into the worker's code
EXIT_QUIT = 100  # of a host that received `quit`: root quits too
