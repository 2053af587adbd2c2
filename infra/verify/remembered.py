"""Checkpoints that an auditor saw before: a log may only have grown out of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from infra.verify.hashes import EMPTY_TREE, merkle_root
from infra.verify.layout import FULL, read_given
from infra.verify.note import NOTE_BYTES_MAX, SignedCheckpoint, read_signed_checkpoint
from infra.verify.policy import Policy
from infra.verify.report import Report, VerificationFailed

REMEMBERED_MAX = 64


class Remembered:
    """The remember file: signed notes one behind the other, oldest first, with an empty line between.

    A file with one note, as a log publishes it, is a valid remember file. It is the auditor's own, and
    its notes are verified against the policy all the same.
    """

    def __init__(self, path: Path, policy: Policy) -> None:
        self._path = path
        self.notes: list[bytes] = []
        self.checkpoints: list[SignedCheckpoint] = []
        if os.path.lexists(path):
            self._read(read_given(path, REMEMBERED_MAX * NOTE_BYTES_MAX), policy)

    def _read(self, content: bytes, policy: Policy) -> None:
        blocks = content.removesuffix(b"\n").split(b"\n\n")
        if not content or len(blocks) % 2:
            raise VerificationFailed("remembered_malformed", "not whole notes 记忆文件损坏", place=str(self._path))
        for text, lines in zip(blocks[0::2], blocks[1::2], strict=True):
            note = text + b"\n\n" + lines + b"\n"
            checkpoint = read_signed_checkpoint(note, str(self._path))
            policy.verify(checkpoint, str(self._path))
            self.notes.append(note)
            self.checkpoints.append(checkpoint)

    def compare_heads(self, present: SignedCheckpoint) -> None:
        """The log is of the same origin, not shorter than before, and has no second root for a size."""
        for old in self.checkpoints:
            if old.origin != present.origin:
                raise VerificationFailed(
                    "unknown_origin", f"remembered {old.origin!r} 与记忆的来源不同", place=str(self._path)
                )
            if old.size > present.size:
                raise VerificationFailed(
                    "rolled_back",
                    f"size {present.size}, but {old.size} was signed before 日志回退：曾签名更大的日志",
                    place="checkpoint",
                    index=present.size,
                )
            if old.size == present.size and old.root != present.root:
                raise VerificationFailed(
                    "double_signed",
                    f"size {old.size} was signed with two roots 同一大小签了两个不同的根",
                    place="checkpoint",
                    index=self._agreed_below(old.size),
                )

    def _agreed_below(self, size: int) -> int:
        return max((old.size for old in self.checkpoints if old.size < size), default=0)

    def bundles(self) -> set[int]:
        """The numbers of the bundles inside which a remembered tree ends."""
        return {old.size // FULL for old in self.checkpoints if old.size % FULL}

    def compare_roots(self, tile_roots: Sequence[bytes], tails: dict[int, list[bytes]], report: Report) -> None:
        """Every remembered root comes out of the log's own first leaves again; the report tells also that none was."""
        agreed = 0
        report.count("remembered_checkpoints", len(self.checkpoints))
        for old in sorted(self.checkpoints, key=lambda one: one.size):
            whole, rest = divmod(old.size, FULL)
            row = list(tile_roots[:whole])
            if rest:
                row.append(merkle_root(tails[whole][:rest]))
            if (merkle_root(row) if row else EMPTY_TREE) != old.root:
                raise VerificationFailed(
                    "history_rewritten",
                    f"the first {old.size} entries are not those that were signed before; the change lies "
                    f"in entries {agreed} to {old.size - 1} 已封存的历史被改写",
                    place=f"entries {agreed}–{old.size - 1}",
                    index=agreed,
                )
            agreed = old.size

    def keep(self, note: bytes, present: SignedCheckpoint) -> None:
        """Remember the checkpoint just verified; replaces the file in one durable step."""
        kept = [old for old, read in zip(self.notes, self.checkpoints, strict=True) if read.size != present.size]
        beside = self._path.with_name(self._path.name + ".next")
        with beside.open("wb") as file:
            file.write(b"\n".join([*kept, note][-REMEMBERED_MAX:]))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
