"""The files in which shares of a rebuild wait to be joined: beside the views' own file, each with one writer, never synced."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from glob import escape
from pathlib import Path
from secrets import token_hex

from infra.read_failures import database_failures
from infra.read_tables import SHARES, VIEWS

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""What Linux calls the time since the machine was last started."""
BOOT_DIGITS = 12
OPEN_WAIT_S = 60.0


class ShareFiles:
    """Nothing makes such a file durable, so it is trusted until the machine starts anew, and else begun again."""

    def __init__(self, views: Path) -> None:
        self._views = views

    def new_name(self, number: int) -> str:
        """Random, so that what one rebuild left is never taken for what another one writes."""
        return f"share-{number}-{_boot()}-{token_hex(8)}"

    def path(self, name: str) -> Path:
        """A file beside the views' own."""
        return self._views.with_name(f"{self._views.name}.{name}")

    def open(self, name: str, views: Sequence[str]) -> Path:
        """Make the file, with empty tables of these views as they are being built, where none is there to go on with."""
        file = self.path(name)
        if not (_boot() and f"-{_boot()}-" in name):
            self._remove(file)
        with database_failures(str(file)), closing(sqlite3.connect(file, OPEN_WAIT_S, isolation_level=None)) as own:
            own.execute("PRAGMA synchronous=OFF")
            own.execute("ATTACH ? AS whole", (str(self._views),))
            own.execute("BEGIN IMMEDIATE")
            if not own.execute("SELECT count(*) FROM main.sqlite_master").fetchone()[0]:
                _copy_tables(own, views)
            own.execute("COMMIT")
        return file

    def sweep(self, kept: Collection[str]) -> None:
        """Remove all such files but these."""
        names = {self.path(name).name for name in kept if name}
        for file in self._views.parent.glob(f"{escape(self._views.name)}.share-*"):
            if file.name.removesuffix("-journal") not in names:
                file.unlink(missing_ok=True)

    @staticmethod
    def _remove(file: Path) -> None:
        for left in (file, file.with_name(f"{file.name}-journal")):
            left.unlink(missing_ok=True)


def _boot() -> str:
    """The time since the machine was started, by a short name; nothing where the system does not name it."""
    try:
        return hashlib.sha256(BOOT_ID.read_bytes()).hexdigest()[:BOOT_DIGITS]
    except OSError:
        return ""


def _copy_tables(own: sqlite3.Connection, views: Sequence[str]) -> None:
    """The lists, and the tables of views that are being built, as they stand in the views' own file, without their rows."""
    marks = ",".join("?" * len(views))
    wanted = f"state='building' AND name IN ({marks})"
    slots = own.execute(f"SELECT name, slot FROM whole.{VIEWS.name} WHERE {wanted}", views).fetchall()
    names = {f"{name}_{slot}{kind}" for name, slot in slots for kind in ("", "_documents")} | set(VIEWS.metadata.tables)
    for name, statement in own.execute("SELECT name, sql FROM whole.sqlite_master WHERE type='table'").fetchall():
        if name in names:
            own.execute(statement)
    own.execute(f"INSERT INTO main.{VIEWS.name} SELECT * FROM whole.{VIEWS.name} WHERE {wanted}", views)
    own.execute(f"INSERT INTO main.{SHARES.name} SELECT * FROM whole.{SHARES.name}")
