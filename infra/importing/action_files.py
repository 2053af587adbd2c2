"""Action files: JSON Lines of the ledger's own actions, handed on byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from domain.strict_json import LINE_BYTES_MAX
from infra.importing.problems import RowProblem
from infra.importing.records import Outcome, Proposed

EXCERPT_BYTES_MAX = 4_096


def read_actions(file: IO[bytes], *, after_line: int = 0) -> Iterator[Outcome]:
    """Each line after `after_line` as it stands, without its line feed; wholly empty lines carry nothing.

    A line over 65,535 bytes is a problem with an excerpt; never more than one line is held in memory.
    """
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 2):
        number += 1
        content = line.removesuffix(b"\n")
        if len(content) > LINE_BYTES_MAX:
            size = len(content) if len(content) < len(line) else len(content) + _skip_line(file)
            if number > after_line:
                excerpt = content[:EXCERPT_BYTES_MAX]
                yield RowProblem(number, None, "line_too_long", f"{size:,} bytes, {LINE_BYTES_MAX:,} allowed", excerpt)
        elif number > after_line and content and content != b"\r":
            yield Proposed(number, content, (content,))


def _skip_line(file: IO[bytes]) -> int:
    """Read to the end of the line; returns how many bytes were passed over."""
    skipped = 0
    while piece := file.readline(1 << 20):
        skipped += len(piece.removesuffix(b"\n"))
        if piece.endswith(b"\n"):
            break
    return skipped
