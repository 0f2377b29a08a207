# SPDX-License-Identifier: Apache-2.0
"""Directories that belong to one worker alone: the scratch directory (TMPDIR) and HOME."""

import contextlib
import stat
from time import monotonic

from spyre_ci_worker.originals import os

_OPEN = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OwnDirectories:
    """The scratch directory, and HOME if it is beside it, where the agent makes both; or no directory at all."""

    def __init__(self, scratch):
        self._scratch = [OwnDirectory(scratch)] if scratch else []
        self._all = [*self._scratch, *self._home_beside(scratch)] if scratch else []

    def keep(self):
        """Protect the present files of the scratch directory from cleaning: preloaded modules rely on them."""
        for directory in self._scratch:
            directory.keep()

    def clean(self):
        """Remove the files that a closed test file left in the scratch directory."""
        for directory in self._scratch:
            directory.clean()
        self.put_back()

    def put_back(self):
        """Make the directories again if a test removed them."""
        for directory in self._all:
            directory.put_back()

    @staticmethod
    def _home_beside(scratch):
        home = os.environ.get("HOME", "")
        beside = home and os.path.dirname(os.path.realpath(home)) == os.path.dirname(os.path.realpath(scratch))
        return [OwnDirectory(home)] if beside else []


class OwnDirectory:
    """A directory that belongs to this worker alone.

    A test can put a link in its place, or in the place of the directory above it. It is therefore opened through its
    parent, which is identified by device and inode, and no link is followed from there.
    """

    def __init__(self, path):
        self._above, self._name = os.path.split(os.path.realpath(path))
        self._identity = _identity_of(os.stat(self._above))
        self._keep = set()
        self.keep()

    def keep(self):
        """Protect the present entries from cleaning."""
        with contextlib.suppress(OSError), self._opened() as directory:
            self._keep = set(os.listdir(directory))

    def clean(self):
        """Remove all other entries."""
        with contextlib.suppress(OSError), self._opened() as directory:
            _empty_directory(directory, self._keep)

    def put_back(self):
        """Make the directory again if a test removed it or put something else in its place."""
        with contextlib.suppress(OSError), self._opened_above() as above:
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(self._name, dir_fd=above, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if status.st_mode & 0o700 != 0o700:
                        os.close(_open_directory(self._name, above))
                    return
                os.unlink(self._name, dir_fd=above)
            os.mkdir(self._name, 0o700, dir_fd=above)

    @contextlib.contextmanager
    def _opened_above(self):
        above = os.open(self._above, _OPEN)
        try:
            if _identity_of(os.fstat(above)) != self._identity:
                raise NotADirectoryError(self._above)
            yield above
        finally:
            os.close(above)

    @contextlib.contextmanager
    def _opened(self):
        with self._opened_above() as above:
            directory = _open_directory(self._name, above)
            try:
                if os.fstat(directory).st_dev != self._identity[0]:
                    raise NotADirectoryError(self._name)  # something is mounted there
                yield directory
            finally:
                os.close(directory)


def _identity_of(status):
    return status.st_dev, status.st_ino


def _open_directory(name, above):
    """Return a descriptor of a directory within another one; give its owner access first if the mode denies it.

    Error: OSError, also when it is a link.
    """
    handle = os.open(name, os.O_PATH | _OPEN, dir_fd=above)
    try:
        mode = os.fstat(handle).st_mode
        if mode & 0o700 != 0o700:
            os.chmod(f"/proc/self/fd/{handle}", mode & 0o7777 | 0o700)
        return os.open(".", os.O_RDONLY | _OPEN, dir_fd=handle)
    finally:
        os.close(handle)


def _empty_directory(directory, keep):
    """Remove the entries of a directory (a descriptor), except the names to keep, as far as possible. Follows no link.

    Subdirectories are moved to the top and emptied there: a deep tree needs no more descriptors than a flat one, and a
    mounted file system cannot be moved, so it is never entered.
    """
    todo = []

    def take(name, above):
        try:
            os.unlink(name, dir_fd=above)
        except IsADirectoryError:
            os.close(_open_directory(name, above))  # rename() needs write permission on it
            moved = f".removed-{monotonic()}-{len(todo)}"
            os.rename(name, moved, src_dir_fd=above, dst_dir_fd=directory)
            todo.append(moved)

    def take_all(names, above):
        for name in names:
            with contextlib.suppress(OSError):  # it stays
                take(name, above)

    take_all(set(os.listdir(directory)) - keep, directory)
    for name in todo:  # grows
        with contextlib.suppress(OSError):
            inner = _open_directory(name, directory)
            try:
                take_all(os.listdir(inner), inner)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=directory)
