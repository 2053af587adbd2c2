"""Sealing and its floor in turns, and which of the rounds tell of them rather than of the file system.

ext4 without a journal passes over every file deleted in the last minutes whenever it makes a new one in the same part of
the disk: after twenty thousand deletions a file is made in 0.3 ms and more instead of 0.01, on whichever side happens to
write there. Each round's folders are therefore put into a part of the disk of their own where the file system can
(`chattr +T`), and a round in which making the files took more than a tenth of one side's time is shown and set aside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from consumers.seal import LEAVES_MAX
from domain.seal.tiles import edge_tiles
from infra.keys_log import LogKey

TRIES_PER_ROUND = 3
MAKING_SHARE_MAX = 0.1


class Taken(NamedTuple):
    """Seconds of the floor and of the work, by the clock and of processor time."""

    floor: float
    work: float
    floor_cpu: float
    work_cpu: float

    def line(self, question: str, count: int, bar: float | None) -> str:
        ratio = self.floor / self.work
        verdict = "no bar" if bar is None else f"bar {bar:.2f}   {'reached' if ratio >= bar else 'MISSED'}"
        return (
            f"{question:<34} floor {count / self.floor:>10,.0f}/s   ours {count / self.work:>10,.0f}/s   "
            f"ratio {ratio:5.2f}   of processor time {self.floor_cpu / self.work_cpu:5.2f}   {verdict}"
        )


class Round(NamedTuple):
    """What both sides took, and the largest share that either spent on making files (by the clock)."""

    taken: Taken
    making_share: float

    @property
    def is_set_aside(self) -> bool:
        """Whether the file system's memory of deleted files took part in it."""
        return self.making_share > MAKING_SHARE_MAX

    @property
    def ratio(self) -> float:
        """The floor's time as a part of ours."""
        return self.taken.floor / self.taken.work


def rounds(
    floor: Callable[[Path], object], work: Callable[[Path], object], folder: Path, count: int
) -> tuple[list[Round], Path]:
    """Floor and work in turns until so many rounds count, each time in a new folder over a disk with nothing left to write.

    Gives every round, and the folder of the last work. Where the disk does not come to rest, it ends all the same.
    """
    _spread(folder)
    done: list[Round] = []
    while sum(not one.is_set_aside for one in done) < count and len(done) < count * TRIES_PER_ROUND:
        number = len(done)
        spent: dict[str, tuple[float, float, float]] = {}
        sides = [("floor", floor), ("ours", work)]
        for name, one in sides if number % 2 else reversed(sides):
            target = fresh(folder / f"{name}-{number}")
            os.sync()
            with making_files() as made:
                start, cpu_start = time.perf_counter(), time.process_time()
                one(target)
                spent[name] = time.perf_counter() - start, time.process_time() - cpu_start, made[0]
        (floor_s, floor_cpu, floor_made), (work_s, work_cpu, work_made) = spent["floor"], spent["ours"]
        taken = Taken(floor_s, work_s, floor_cpu, work_cpu)
        done.append(Round(taken, max(floor_made / floor_s, work_made / work_s)))
    return done, folder / f"ours-{len(done) - 1}"


def shown(done: list[Round], count: int) -> tuple[Taken, list[str]]:
    """The middle one of the rounds that count – of all, where none does: no bar is held to that – and a line of each."""
    counting = [one for one in done if not one.is_set_aside]
    aside = [one for one in done if one.is_set_aside]
    lines = [f"{'  the ratio of each round':<34} " + " ".join(f"{one.ratio:.2f}" for one in counting)]
    if aside:
        lines.append(f"{'  set aside: ratio (making files)':<34} " + " ".join(
            f"{one.ratio:.2f} ({one.making_share:.0%})" for one in aside
        ))  # fmt: skip
    if len(counting) < count:
        lines.append(
            f"  the disk did not come to rest: {len(counting)} of {count} rounds count; run it again in five minutes"
        )
    by_ratio = sorted(counting or done, key=lambda one: one.ratio)
    return by_ratio[len(by_ratio) // 2].taken, lines


def _spread(folder: Path) -> None:
    """Have the file system put each folder made in this one where it is emptiest; one that cannot is used as it is."""
    chattr = shutil.which("chattr")
    if chattr is not None:
        subprocess.run([chattr, "+T", str(folder)], check=False, stderr=subprocess.DEVNULL)


def delete_files(folder: Path, count: int) -> None:
    """Make so many files and delete them, which the file system may remember for minutes."""
    fresh(folder)
    for number in range(count):
        (folder / str(number)).write_bytes(b"x")
    os.sync()
    shutil.rmtree(folder)


@contextmanager
def making_files() -> Iterator[list[float]]:
    """Seconds that opening a file which may have to be made takes while the block runs, in the one place of the list."""
    made, plain = [0.0], os.open

    def timed(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if not flags & os.O_CREAT:
            return plain(path, flags, *more, **named)
        start = time.perf_counter()
        try:
            return plain(path, flags, *more, **named)
        finally:
            made[0] += time.perf_counter() - start

    os.open = timed
    try:
        yield made
    finally:
        os.open = plain


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def write_floor(raws: list[bytes], batches: list[list[tuple[str, list[bytes]]]], folder: Path, key: LogKey) -> None:
    """Hash each event and each node once, write and sync the files and their folders, sign, replace, remove."""
    old: list[str] = []
    for number, batch in enumerate(batches):
        for raw in raws[number * LEAVES_MAX : (number + 1) * LEAVES_MAX]:
            digest = sha256(b"\x00" + raw).digest()
            sha256(b"\x01" + digest + digest).digest()
        folders = set()
        for path, parts in batch:
            target = f"{folder}/{path}"
            parent = os.path.dirname(target)
            if parent not in folders:
                os.makedirs(parent, exist_ok=True)
                folders.add(parent)
            if path.startswith("tile/entries"):
                parts = [len(entry).to_bytes(2, "big") + entry for entry in parts]
            write_synced(target, b"".join(parts))
        for parent in folders:
            sync_folder(parent)
        write_synced(f"{folder}/checkpoint.next", key.private.sign(b"x" * 90) * 4)
        os.replace(f"{folder}/checkpoint.next", f"{folder}/checkpoint")
        sync_folder(str(folder))
        edge = [one.path for one in edge_tiles(min((number + 1) * LEAVES_MAX, len(raws)))]
        for path in old:
            if path not in edge:
                os.unlink(f"{folder}/{path}")
        old = edge


def write_synced(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(descriptor, content)
    os.fsync(descriptor)
    os.close(descriptor)


def sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
