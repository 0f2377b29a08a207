# SPDX-License-Identifier: Apache-2.0
"""Run pytest for the agent: import and collect a file once, then fork a child for each slice of its cases.

PROTOCOL.md describes the processes and their messages to the agent. The package is the whole Python side; it needs
Python 3.8, pytest 7 and Linux. Modules, from the bottom up:

    originals         functions as they were before a test replaced them
    exit_codes        exit codes of the worker's processes
    frames            commands and events as bytes
    descriptors       files that the worker needs open
    events            the pipe to the agent
    refusals          processes and files that the machine refuses
    processes         fork, wait, end
    crash             stacks of a process that crashes or hangs
    scratch           directories that belong to the worker
    commands          the fields of the agent's commands
    context           state that all processes of a worker share
    text, reports     pytest's reports as events of the protocol
    capture           output of tests, in bounded memory
    surroundings      process state that is restored after each case
    running           one slice of the cases
    options           options of pytest that lose tests
    deselection       cases that pytest collected and left out again
    fork_check        conditions that make a file unfit for a fork
    import_hook, device_classes, injection
                      test classes for a device that is not in PyTorch's tree
    fresh_start       a new interpreter for a file that needs one
    collecting        collection of a file
    plugin            pytest's hooks
    host, root        the processes
    command_line      how the agent starts a worker

All modules are imported at the start: a test can change the working directory and delete the zip.
"""
