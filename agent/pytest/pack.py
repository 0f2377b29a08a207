# SPDX-License-Identifier: Apache-2.0
"""Pack the worker into one zip that Python runs: `pack.py ZIP DIRECTORY FILE…`, files relative to the directory.

The same files give the same bytes. The entries are not compressed, so that Python starts the worker without zlib.
"""

import pathlib
import sys
import zipfile


def pack(target, directory, names):
    """Write the zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(names):
            entry = zipfile.ZipInfo(name)  # its date is fixed: 1980-01-01
            entry.create_system = 3  # Unix
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (pathlib.Path(directory) / name).read_bytes())


if __name__ == "__main__":
    pack(sys.argv[1], sys.argv[2], sys.argv[3:])
