"""Where a command may write: never over the ledger, its views, its log, its keys, or the file that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from infra.cli.invocation import Invocation

KEPT_FILES = ("ledger.db", "views.db", "findings.db")
"""Databases of the data folder; their companions (`-wal`, `-shm`, `-journal`) begin with the same words."""
KEPT_FOLDERS = ("log",)


def output_file(run: Invocation, file: Path | None, *inputs: Path | None) -> Path | None:
    """The file as it was named; one that the ledger keeps or that is being read ends the run with exit 2."""
    if file is None:
        return None
    place, data, keys = file.resolve(), run.settings.data.resolve(), run.settings.key_folder.resolve()
    kept = (
        place.is_relative_to(keys)
        or (place.parent == data and place.name.startswith(KEPT_FILES))
        or any(place.is_relative_to(data / folder) for folder in KEPT_FOLDERS)
        or any(one is not None and _are_same(file, one) for one in (*inputs, *(data / name for name in KEPT_FILES)))
    )
    if kept:
        raise typer.BadParameter(run.say("output_kept", file=file))
    return file


def _are_same(one: Path, other: Path) -> bool:
    """Whether two names, linked or not, mean one file that is there."""
    return one.exists() and other.exists() and one.samefile(other)
