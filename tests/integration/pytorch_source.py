# SPDX-License-Identifier: Apache-2.0
"""Where the PyTorch is that the tests are about: a git repository whose HEAD is the version that is installed."""
import os
import pathlib
import sys

DEFAULT = pathlib.Path.home() / ".cache/spyre-ci/pytorch"


def pytorch_source():
    """Ends the program when there is none: a test that cannot run is no test that passed."""
    source = pathlib.Path(os.environ.get("SPYRE_CI_TEST_PYTORCH") or DEFAULT)
    if not (source / "test/test_torch.py").exists():
        sys.exit(f"{source} is no source tree of PyTorch: run scripts/prepare-pytorch.sh, or name one in "
                 "$SPYRE_CI_TEST_PYTORCH")
    return source
