# SPDX-License-Identifier: Apache-2.0
"""Where the PyTorch is that the tests are about: a git repository whose HEAD is the version that is installed."""
import os
import pathlib
import sys

DEFAULT = pathlib.Path.home() / ".cache/spyre-ci/pytorch"
OPENREG = pathlib.Path.home() / ".cache/spyre-ci/openreg"


def pytorch_source():
    """Ends the program when there is none: a test that cannot run is no test that passed."""
    source = pathlib.Path(os.environ.get("SPYRE_CI_TEST_PYTORCH") or DEFAULT)
    if not (source / "test/test_torch.py").exists():
        sys.exit(f"{source} is no source tree of PyTorch: run scripts/prepare-pytorch.sh, or name one in "
                 "$SPYRE_CI_TEST_PYTORCH")
    return source


def openreg():
    """Return where OpenReg is, PyTorch's out-of-tree backend. Ends the program when it is not built."""
    built = pathlib.Path(os.environ.get("SPYRE_CI_TEST_OPENREG") or OPENREG)
    if not (built / "pytorch_openreg/__init__.py").exists():
        sys.exit(f"{built} has no OpenReg: run scripts/prepare-openreg.sh, or name its directory in "
                 "$SPYRE_CI_TEST_OPENREG")
    return built
