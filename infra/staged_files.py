"""Files on their way to their names: written one after the other, synced together, then named together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple
from weakref import finalize

Step = Callable[[str], None]
"""Called before and after each write step with its name; tests break the work there."""


def no_step(name: str) -> None:
    """The step of ordinary work: nothing happens."""


class _Staged(NamedTuple):
    """A file to sync; `incoming` is where it lies if it has no name yet."""

    name: str
    path: str
    incoming: str | None


class StagedFiles:
    """Files in the folder `incoming` that get their names, on the same file system, when `settle` is called.

    A name appears only over a file whose bytes are synced. One process writes. Nothing is named after a
    failure: `discard` forgets what was staged, and the work starts again from what has names.
    """

    def __init__(self, incoming: str, step: Step = no_step) -> None:
        self._incoming = incoming
        self._step = step
        self._staged: list[_Staged] = []
        self._open: list[int] = []
        self._failed: OSError | None = None
        finalize(self, _close, self._open)

    def __len__(self) -> int:
        return len(self._staged)

    def __contains__(self, path: str) -> bool:
        """Whether a file waits for this name."""
        return any(one.path == path for one in self._staged)

    def write(self, content: bytes, path: str, name: str) -> bytes:
        """Write a file, send it to the disk, and give its bytes as read again; `path` names it after `settle`."""
        if not self._staged and not os.path.isdir(self._incoming):
            os.makedirs(self._incoming)
        self._step(f"before writing {name}")
        incoming = f"{self._incoming}/{len(self._staged)}"
        descriptor = os.open(incoming, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(descriptor, view) :]
            again = os.pread(descriptor, len(content) + 1, 0)
            self._step(f"before syncing {name}")
            _send(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._stage(_Staged(name, path, incoming), descriptor)
        return again

    def sync_again(self, path: str, name: str) -> None:
        """Have `settle` sync a file that has its name already: whoever wrote it may have died before."""
        self._stage(_Staged(name, path, None), os.open(path, os.O_RDONLY))

    def settle(self) -> None:
        """Sync every staged file, and only then name them all in the order they were written in."""
        self._sync()
        for one in self._staged:
            self._step(f"after syncing {one.name}")
        for one in self._staged:
            if one.incoming is not None:
                os.replace(one.incoming, one.path)
                self._step(f"after naming {one.name}")
        self._staged.clear()

    def sync_folders(self, folders: Iterable[str]) -> None:
        """Sync folders: the names in them are durable when this returns."""
        for folder in folders:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def discard(self) -> None:
        """Forget what was staged, and remove what this or an earlier run left without a name."""
        _close(self._open)
        self._staged.clear()
        self._failed = None
        with suppress(FileNotFoundError):
            for name in os.listdir(self._incoming):
                os.unlink(f"{self._incoming}/{name}")

    def _stage(self, staged: _Staged, descriptor: int) -> None:
        self._staged.append(staged)
        self._open.append(descriptor)

    def _sync(self) -> None:
        if self._failed is not None:  # asked again, the system would say that all is well
            raise self._failed
        try:
            for descriptor in self._open:
                os.fsync(descriptor)
        except OSError as error:
            self._failed = error
            raise
        _close(self._open)


def _send(descriptor: int) -> None:
    """Have the system begin to write a file, and wait for nothing: its sync finds the bytes on the disk already.

    That is what Linux does first when told that the pages are not needed; a page not yet written stays in memory.
    """
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _close(descriptors: list[int]) -> None:
    while descriptors:
        os.close(descriptors.pop())
