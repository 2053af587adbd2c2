"""The sealed log's folder: tiles, entry bundles and the checkpoint as durable plain files, written once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from domain.errors import Tampered, Unavailable
from domain.seal.checkpoint import NOTE_BYTES_MAX
from domain.seal.tiles import ENTRIES, TILE_BYTES, Tile, edge_tile, edge_tiles, tile_of_path
from infra.staged_files import StagedFiles, Step, no_step

TILE_LEVELS = 8
BUNDLE_BYTES_MAX = 256 * (2 + 65_535)
STAGED_MAX = 64
"""Files that wait for their names at a time."""


class TileStore:
    """The files under `log`; what is being written lies in `incoming`, on the same file system.

    A file appears under its name whole or not at all, and not before its bytes are synced: `put` sends them
    to the disk, `settle` syncs them and makes the names durable. A tile's bytes never change: other bytes under a
    name are refused. One process writes (the lock is the sealer's); readers need none.
    """

    def __init__(self, log: Path, incoming: Path, step: Step = no_step) -> None:
        self._log = str(log)
        self._staged = StagedFiles(str(incoming), step)
        self._step = step
        self._folders: set[str] = set()
        self._unsynced: set[str] = set()

    def checkpoint(self) -> bytes | None:
        """The signed note as it lies there; nothing if there is none."""
        return self._read_if_there("checkpoint", NOTE_BYTES_MAX)

    def read(self, tile: Tile) -> bytes:
        """A tile's bytes; `Tampered` when the file is not there."""
        content = self._read_if_there(tile.path, BUNDLE_BYTES_MAX if tile.level == ENTRIES else TILE_BYTES)
        if content is None:
            raise Tampered("tile_missing", f"{self._log}/{tile.path}")
        return content

    def put(self, files: Mapping[Tile, bytes]) -> dict[Tile, bytes]:
        """Write files, send them to the disk, and give them back as read again; they are durable after `settle`.

        A file that is there with the same bytes is synced once more, because an earlier run may have
        died before that; with other bytes `Tampered` is raised and nothing is replaced.
        """
        return {tile: self._put_once(tile, content) for tile, content in files.items()}

    def settle(self) -> None:
        """Name every file that was put and sync the folders: it is all durable when this returns."""
        self._staged.settle()
        folders = sorted(self._unsynced)
        self._step(f"before syncing {len(folders)} folders")
        self._staged.sync_folders(folders)
        self._unsynced.clear()
        self._step(f"after syncing {len(folders)} folders")

    def discard(self) -> None:
        """Forget what was put and not settled; a dead run may have left such files as well."""
        self._staged.discard()

    def publish(self, note: bytes) -> None:
        """Replace the checkpoint in one step, durably; everything put before is settled first."""
        self._make_folder(self._log)
        self.settle()
        self._staged.write(note, f"{self._log}/checkpoint", "checkpoint")
        self._unsynced.add(self._log)
        self.settle()
        if self.checkpoint() != note:
            raise Unavailable("write_lost", f"{self._log}/checkpoint reads back with other bytes")

    def remove(self, tiles: Iterable[Tile]) -> None:
        """Remove superseded partial tiles and unsigned files, with the folders that they leave empty."""
        for tile in tiles:
            path = f"{self._log}/{tile.path}"
            self._step(f"before removing {tile.path}")
            with suppress(FileNotFoundError):
                os.unlink(path)
            if not tile.is_full:
                self._remove_empty_folder(path.rpartition("/")[0])
            self._step(f"after removing {tile.path}")

    def unsigned(self, size: int, former_sizes: Iterable[int]) -> list[Tile]:
        """Files that a log of `size` leaves does not have but an interrupted run may have left.

        These are partial tiles of `former_sizes`, and whatever lies at or behind the right edge without
        a gap. The last comes first: removing them in this order never makes a gap in what is left.
        """
        keep = set(edge_tiles(size))
        found = [tile for former in former_sizes for tile in edge_tiles(former) if self._is_there(tile.path)]
        for level in range(ENTRIES, TILE_LEVELS):
            found.extend(self._behind_edge(level, size))
        return [tile for tile in reversed(dict.fromkeys(found)) if tile not in keep]

    def all_tiles(self) -> list[Tile]:
        """Every file under the log's name rules (a walk over the whole folder)."""
        found: list[Tile] = []
        for folder, _, names in os.walk(self._log):
            inside = os.path.relpath(folder, self._log)
            found.extend(tile for name in names if (tile := tile_of_path(f"{inside}/{name}")) is not None)
        return found

    def _behind_edge(self, level: int, size: int) -> list[Tile]:
        edge = edge_tile(level, size)
        number = edge.number if edge else (size >> (8 * (max(level, 0) + 1)))
        found: list[Tile] = []
        while True:
            here = [Tile(level, number)] if self._is_there(Tile(level, number).path) else []
            here.extend(self._partials(level, number))
            if not here:
                return found
            found.extend(here)
            number += 1

    def _partials(self, level: int, number: int) -> list[Tile]:
        folder = Tile(level, number).path + ".p"
        try:
            names = os.listdir(f"{self._log}/{folder}")
        except FileNotFoundError:
            return []
        return [tile for name in names if (tile := tile_of_path(f"{folder}/{name}")) is not None]

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(f"{self._log}/{path}")

    def _read_if_there(self, path: str, bytes_max: int) -> bytes | None:
        """A plain file's bytes, bounded and never waited for: a copy that somebody hands over may hold anything."""
        name = f"{self._log}/{path}"
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unavailable("unavailable", f"{name}: {error.strerror}") from error
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Tampered("tile_damaged", f"{name} is not a plain file")
            if status.st_size > bytes_max:
                raise Tampered("tile_damaged", f"{name} is longer than {bytes_max} bytes")
            with open(descriptor, "rb", buffering=0, closefd=False) as file:
                return file.readall()
        finally:
            os.close(descriptor)

    def _put_once(self, tile: Tile, content: bytes) -> bytes:
        path = f"{self._log}/{tile.path}"
        if len(self._staged) >= STAGED_MAX or path in self._staged:
            self.settle()
        folder = path.rpartition("/")[0]
        self._make_folder(folder)
        self._unsynced.add(folder)
        there = self._read_if_there(tile.path, BUNDLE_BYTES_MAX)
        if there is None:
            again = self._staged.write(content, path, tile.path)
            if again != content:
                raise Unavailable("write_lost", f"{path} reads back with other bytes")
            return again
        if there != content:
            raise Tampered(
                "tile_conflict",
                f"{path} holds other bytes than the store's events give; 与数据库中的事件不符；"
                "keep both, run `caseledger verify` on the folder and compare with a copy",
            )
        self._staged.sync_again(path, tile.path)
        return there

    def _make_folder(self, folder: str) -> None:
        if folder in self._folders:
            return
        parent = folder.rpartition("/")[0]
        if folder != self._log:
            self._make_folder(parent)
        with suppress(FileExistsError):
            os.mkdir(folder)
        self._unsynced.add(parent)
        self._folders.add(folder)

    def _remove_empty_folder(self, folder: str) -> None:
        self._folders.discard(folder)
        self._unsynced.discard(folder)
        with suppress(OSError):  # the folder still holds a newer width, or is gone already
            os.rmdir(folder)
