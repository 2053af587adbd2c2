"""Verifying a whole log folder: signatures, files, every tile and entry, the root, and what was seen before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from infra.verify.entry import EntryChecker
from infra.verify.hashes import merkle_root
from infra.verify.layout import (
    FULL,
    HASH_BYTES,
    check_files,
    read_entries,
    read_file,
    read_hashes,
    rows_of,
    tile_name,
    widths,
)
from infra.verify.note import (
    LOG_SIGNATURE,
    NOTE_BYTES_MAX,
    SignedCheckpoint,
    read_key,
    read_signed_checkpoint,
    signature_holds,
)
from infra.verify.policy import Policy, Verified, read_policy
from infra.verify.remembered import Remembered
from infra.verify.report import Failure, Report, VerificationFailed, shown
from infra.verify.schemas import Schemas

FUTURE_MAX = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_MAX = 253_402_300_799
"""The end of the year 9999; a cosignature of a later time counts as of then."""


def verify_log(
    directory: Path,
    policy_text: str,
    remember: Path | None = None,
    max_age: timedelta | None = None,
    schemas: Path | None = None,
    *,
    now: datetime | None = None,
) -> Report:
    """Verify a copied log folder; the report says what was checked and the first thing that is wrong.

    `remember` is read if it is there, and holds the verified checkpoint afterwards if all is well.
    `max_age` makes an old log a failure. `schemas` is a folder of `<event type>.schema.json`.
    """
    report = Report()
    try:
        _Verification(Path(directory), read_policy(policy_text), report).run(
            remember, max_age, schemas, now or datetime.now(UTC)
        )
    except VerificationFailed as failed:
        report.failure = failed.failure
    except OSError as error:
        report.failure = Failure("unreadable", f"{error.strerror} 无法读取", shown(str(error.filename or directory)))
    return report


class _Verification:
    """One run over one folder."""

    def __init__(self, directory: Path, policy: Policy, report: Report) -> None:
        self._directory = directory
        self._policy = policy
        self._report = report
        self._tails: dict[int, list[bytes]] = {}

    def run(self, remember: Path | None, max_age: timedelta | None, schemas: Path | None, now: datetime) -> None:
        """Everything, in the order in which a failure is cheapest to find."""
        note = read_file(self._directory, "checkpoint", NOTE_BYTES_MAX)
        checkpoint = read_signed_checkpoint(note, "checkpoint")
        verified = self._check_signatures(checkpoint)
        remembered = Remembered(remember, self._policy) if remember else None
        if remembered:
            remembered.compare_heads(checkpoint)
        check_files(self._directory, checkpoint.size, self._report)
        entries = EntryChecker(self._report, Schemas(schemas) if schemas else None)
        roots = self._check_bundles(checkpoint.size, entries, remembered.bundles() if remembered else set())
        entries.finish(lambda: self._entries_again(checkpoint.size))
        self._check_root(checkpoint, roots)
        if remembered:
            remembered.compare_roots(roots, self._tails, self._report)
        self._check_rotations(checkpoint, entries)
        self._check_age(verified, entries.recorded, max_age, now)
        if not self._report.checked.get("entries"):
            raise VerificationFailed("nothing_checked", "the log has no entries 没有检查任何条目", place="checkpoint")
        if remembered:
            remembered.keep(note, checkpoint)

    def _check_signatures(self, checkpoint: SignedCheckpoint) -> Verified:
        self._report.origin, self._report.size = shown(checkpoint.origin), checkpoint.size
        self._report.root = checkpoint.root.hex()
        verified = self._policy.verify(checkpoint, "checkpoint")
        self._report.signed_by = tuple(key.vkey for key in verified.log_keys)
        self._report.count("signatures", len(verified.log_keys))
        self._report.count("cosignatures", len(verified.witnessed_at))
        return verified

    def _check_bundles(self, size: int, entries: EntryChecker, keep_tails: set[int]) -> list[bytes]:
        """Hash every entry against its leaf tile; gives the roots of the leaf tiles, a partial one included."""
        roots = []
        for number, width in widths(size):
            first = number * FULL
            name = tile_name("entries", number, width)
            bundle = read_entries(self._directory, name, width, first)
            hashes = self._check_leaves(bundle, number, width, first)
            entries.check(bundle, first)
            roots.append(merkle_root(hashes))
            if number in keep_tails:
                self._tails[number] = hashes
            self._report.count("bundles")
        return roots

    def _entries_again(self, size: int) -> Iterator[bytes]:
        for number, width in widths(size):
            yield from read_entries(self._directory, tile_name("entries", number, width), width, number * FULL)

    def _check_leaves(self, bundle: list[bytes], number: int, width: int, first: int) -> list[bytes]:
        hashes = [sha256(b"\x00" + entry).digest() for entry in bundle]
        name = tile_name("0", number, width)
        tile = read_hashes(self._directory, name, width)
        if b"".join(hashes) != tile:
            at = next(at for at in range(width) if tile[at * HASH_BYTES :][:HASH_BYTES] != hashes[at])
            raise VerificationFailed(
                "leaf_hash_differs",
                f"entry {first + at} does not hash to its leaf 条目与叶哈希不符",
                place=name,
                index=first + at,
            )
        self._report.count("tiles")
        return hashes

    def _check_root(self, checkpoint: SignedCheckpoint, roots: list[bytes]) -> None:
        """Compare every tile above the leaves, then the root over all leaf tiles with the signed one."""
        row = roots
        for level, count in rows_of(checkpoint.size):
            if level == 0:
                continue
            for number, width in widths(count):
                self._check_tile(level, number, row[number * FULL : number * FULL + width])
            row = [merkle_root(row[at : at + FULL]) for at in range(0, count, FULL)]
        if merkle_root(roots) != checkpoint.root:
            raise VerificationFailed(
                "root_differs",
                "the entries do not give the signed root 条目与已签名的根不符",
                place="checkpoint",
            )
        self._report.count("roots")

    def _check_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        name = tile_name(str(level), number, len(hashes))
        tile = read_hashes(self._directory, name, len(hashes))
        if tile != b"".join(hashes):
            at = next(at for at in range(len(hashes)) if tile[at * HASH_BYTES :][:HASH_BYTES] != hashes[at])
            raise VerificationFailed(
                "tile_differs",
                f"hash {at} is not that of the tile below 哈希块与下层不符",
                place=name,
                index=(number * FULL + at) * FULL**level,
            )
        self._report.count("tiles")

    def _check_rotations(self, checkpoint: SignedCheckpoint, entries: EntryChecker) -> None:
        """A key that a trusted key handed over to must have signed as well, from the size named on."""
        trusted = {key.vkey for key in self._policy.logs}
        found = []
        for index, data in entries.rotations:
            old, new, from_size = data.get("old"), data.get("new"), data.get("from_size")
            if not isinstance(old, str) or not isinstance(new, str) or not isinstance(from_size, int):
                raise VerificationFailed("bad_rotation", "old, new, from_size 密钥轮换记录无效", index=index)
            found.append((index, shown(old), shown(new)))
            if old not in trusted:
                continue
            trusted.add(new)
            key = read_key(new)
            if key.kind != LOG_SIGNATURE or key.name != checkpoint.origin:
                raise VerificationFailed("bad_rotation", "not a key of this log 不是本日志的密钥", index=index)
            if checkpoint.size >= from_size and not any(
                (line.name, line.key_id) == (key.name, key.key_id) and signature_holds(key, line, checkpoint)
                for line in checkpoint.lines
            ):
                raise VerificationFailed(
                    "rotated_key_missing",
                    f"entry {index} hands over to a key that did not sign 新密钥未签名",
                    place="checkpoint",
                    index=index,
                )
        self._report.rotations = tuple(found)
        self._report.count("rotations", len(found))

    def _check_age(self, verified: Verified, recorded: str, max_age: timedelta | None, now: datetime) -> None:
        moment: datetime | None = None
        seconds = self._policy.witness_time(verified.witnessed_at)
        if seconds is not None:
            moment, self._report.age_source = EPOCH + timedelta(seconds=min(seconds, SECONDS_MAX)), "cosignature"
        elif recorded:
            moment, self._report.age_source = datetime.fromisoformat(recorded), "recordedtime"
        if moment is not None:
            self._report.age_s = (now - moment).total_seconds()
        if max_age is None:
            return
        if self._report.age_s is None or self._report.age_s > max_age.total_seconds():
            raise VerificationFailed("too_old", f"age {self._report.age_s} s 日志过旧", place="checkpoint")
        if self._report.age_s < -FUTURE_MAX.total_seconds():
            raise VerificationFailed("time_in_future", f"age {self._report.age_s} s 时间在未来", place="checkpoint")
        self._report.count("freshness")
