"""What the sealer keeps beside the log: its lock, and every checkpoint it ever signed, oldest first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

import msgspec

from consumers.seal import Signed
from domain.errors import Tampered, Unavailable
from infra.staged_files import Step, no_step

TAIL_BYTES = 262_144
RECORD_BYTES_MAX = 65_536 * 2


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    note: str
    position: int
    size: int


class SealHistory:
    """An append-only file of signed checkpoints, one JSON line each; a cut last line was never published.

    Appending returns when the line is synced. The checkpoint is published only after that, so no size
    is ever signed with two roots, whatever dies in between.
    """

    def __init__(self, folder: Path, step: Step = no_step) -> None:
        self._path = folder / "history.jsonl"
        self._folder = folder
        self._step = step
        self._is_named = False

    @property
    def is_begun(self) -> bool:
        """Whether anything was ever signed."""
        return self._path.exists()

    def last(self) -> list[Signed]:
        """The last two signed checkpoints, oldest first; `Tampered` when the file cannot be read."""
        return [Signed(record.size, record.position, record.note.encode()) for record in self._whole_lines()[-2:]]

    def append(self, signed: Signed) -> None:
        """Add a signed checkpoint durably; drops a cut last line of an earlier run first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        record = _Record(note=signed.note.decode(), position=signed.position, size=signed.size)
        self._step("before recording the signature")
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            end = self._end_of_last_line(descriptor)
            os.ftruncate(descriptor, end)
            _write_at(descriptor, msgspec.json.encode(record) + b"\n", end)
            self._step("before syncing the signature")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not self._is_named:
            self._sync_folder()
            self._is_named = True
        self._step("after recording the signature")

    def _whole_lines(self) -> list[_Record]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES)
            file.seek(start)
            tail = file.read()
        lines = tail.split(b"\n")[1 if start else 0 : -1]
        try:
            return [msgspec.json.decode(line, type=_Record) for line in lines]
        except msgspec.DecodeError as error:
            raise Tampered("history_damaged", f"{self._path}: {error}") from None

    def _end_of_last_line(self, descriptor: int) -> int:
        length = os.fstat(descriptor).st_size
        start = max(0, length - RECORD_BYTES_MAX)
        tail = os.pread(descriptor, length - start, start)
        newline = tail.rfind(b"\n")
        return start + newline + 1 if newline >= 0 else start

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_at(descriptor: int, content: bytes, at: int) -> None:
    """Write all of it: a disk that is all but full takes a part, and refuses only the rest."""
    view = memoryview(content)
    while view:
        done = os.pwrite(descriptor, view, at)
        view, at = view[done:], at + done


class SealLock:
    """One sealer at a time, by a lock of the operating system that a dead process does not keep."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "lock"
        self._descriptor: int | None = None

    def __enter__(self) -> SealLock:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Unavailable(
                "sealer_running",
                f"另一个封存进程正在运行；another process seals this ledger (lock {self._path}); "
                "wait for it or stop it",
            ) from None
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
