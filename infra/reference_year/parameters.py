"""The parameters of the reference year as they lie in `samples/reference_year/`."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "reference_year"
CHANNELS = ("letter", "visit", "online", "call")
WHOLE_YEAR = (1, 12)


@dataclass(frozen=True, slots=True)
class Share:
    """One scenario or trait: how many items, and among which they are drawn."""

    name: str
    count: int
    channels: tuple[str, ...]
    months: tuple[int, int]
    scenarios: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """Volumes by (month, channel), and the shares in the order in which they are drawn."""

    volumes: dict[tuple[str, str], int]
    remainder: str
    scenarios: tuple[Share, ...]
    traits: tuple[Share, ...]


def read_volumes(path: Path) -> dict[tuple[str, str], int]:
    """The table of petition items by month (`YYYY-MM`) and channel."""
    with path.open(encoding="utf-8", newline="") as table:
        return {(row["month"], channel): int(row[channel]) for row in csv.DictReader(table) for channel in CHANNELS}


def _share(entry: dict[str, object]) -> Share:
    def texts(key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = entry.get(key, default)
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else default

    months = entry.get("months", WHOLE_YEAR)
    if not isinstance(months, list | tuple):
        raise ValueError(f"months of {entry['name']} are not a first and a last month")
    return Share(
        name=str(entry["name"]),
        count=int(str(entry["count"])),
        channels=texts("channels", CHANNELS),
        months=(int(months[0]), int(months[1])),
        scenarios=texts("scenarios", ()),
        without=texts("without", ()),
    )


def read_parameters(folder: Path = SAMPLES) -> Parameters:
    """Read both files; a missing key or a number that is none raises."""
    stated = tomllib.loads((folder / "parameters.toml").read_text(encoding="utf-8"))
    return Parameters(
        volumes=read_volumes(folder / "volumes.csv"),
        remainder=str(stated["remainder"]),
        scenarios=tuple(_share(entry) for entry in stated["scenarios"]),
        traits=tuple(_share(entry) for entry in stated["traits"]),
    )
