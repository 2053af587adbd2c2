"""Files on their way to their names: written and synced side by side, then named together."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import NamedTuple

Step = Callable[[str], None]
"""Called before and after each write step with its name; tests break the work there."""

SYNCS_AT_ONCE = 8
"""A file system joins the syncs that wait at the same time into one write of its journal."""


def no_step(name: str) -> None:
    """The step of ordinary work: nothing happens."""


class _Staged(NamedTuple):
    """A file that is being synced; `incoming` is where it lies if it has no name yet."""

    name: str
    path: str
    incoming: str | None
    synced: Future[None]


class StagedFiles:
    """Files in the folder `incoming` that get their names, on the same file system, when `settle` is called.

    A name appears only over a file whose bytes are synced. One process writes. Nothing is named after a
    failure: `discard` forgets what was staged, and the work starts again from what has names.
    """

    def __init__(self, incoming: str, step: Step = no_step) -> None:
        self._incoming = incoming
        self._step = step
        self._staged: list[_Staged] = []
        self._threads: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return len(self._staged)

    def __contains__(self, path: str) -> bool:
        """Whether a file waits for this name."""
        return any(one.path == path for one in self._staged)

    def write(self, content: bytes, path: str, name: str) -> bytes:
        """Write a file, begin to sync it, and give its bytes as read again; `path` names it after `settle`."""
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
        except BaseException:
            os.close(descriptor)
            raise
        self._staged.append(_Staged(name, path, incoming, self._begin(descriptor)))
        return again

    def sync_again(self, path: str, name: str) -> None:
        """Begin to sync a file that has its name already: whoever wrote it may have died before."""
        self._staged.append(_Staged(name, path, None, self._begin(os.open(path, os.O_RDONLY))))

    def settle(self) -> None:
        """Wait until every staged file is synced, and name them all in the order they were written in."""
        wait([one.synced for one in self._staged])
        for one in self._staged:
            one.synced.result()
            self._step(f"after syncing {one.name}")
        for one in self._staged:
            if one.incoming is not None:
                os.replace(one.incoming, one.path)
                self._step(f"after naming {one.name}")
        self._staged.clear()

    def sync_folders(self, folders: Iterable[str]) -> None:
        """Sync folders side by side: the names in them are durable when this returns."""
        begun = [self._begin(os.open(folder, os.O_RDONLY | os.O_DIRECTORY)) for folder in folders]
        wait(begun)
        for synced in begun:
            synced.result()

    def discard(self) -> None:
        """Forget what was staged, and remove what this or an earlier run left without a name."""
        wait([one.synced for one in self._staged])
        self._staged.clear()
        with suppress(FileNotFoundError):
            for name in os.listdir(self._incoming):
                os.unlink(f"{self._incoming}/{name}")

    def _begin(self, descriptor: int) -> Future[None]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(SYNCS_AT_ONCE, "sync")
        try:
            return self._threads.submit(_sync_and_close, descriptor)
        except (
            RuntimeError
        ) as error:  # what the system refuses is an `OSError` here as elsewhere; the file is the threads'
            raise OSError(errno.EAGAIN, str(error)) from error


def _sync_and_close(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
