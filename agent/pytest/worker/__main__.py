# SPDX-License-Identifier: Apache-2.0
"""Start the worker: Python runs this module when it is given the zip of this directory, or the directory."""

from spyre_ci_worker.command_line import main

if __name__ == "__main__":
    main()
