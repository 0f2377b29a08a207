# SPDX-License-Identifier: Apache-2.0
"""Make OpenReg a device that PyTorch's test utilities accept: to be preloaded by a worker.

OpenReg's device module is empty. These are the functions that PyTorch's test bases, its random numbers and its fork
check call. None of them starts OpenReg's daemons.
"""

import pytorch_openreg
import torch

DEVICE = "openreg"


def _extend(module):
    module.is_available = lambda: True
    module.device_count = lambda: pytorch_openreg.NUM_DEVICES
    module.current_device = lambda: 0
    module.is_initialized = lambda: False
    module._is_in_bad_fork = lambda: False
    module.manual_seed_all = lambda seed: None


_extend(getattr(torch, DEVICE))
