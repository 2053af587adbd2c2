"""The published mark: kept for one topic, replaced whole, and never trusted when it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.relay import Mark
from domain.errors import LedgerError, Tampered
from infra.published_mark import MarkFile


def test_the_mark_of_a_topic_is_read_back_and_that_of_another_is_not(tmp_path: Path) -> None:
    mark = MarkFile(tmp_path, "a.events")
    assert mark.read() is None
    mark.write(Mark("id-1", 7))
    mark.write(Mark("id-1", 9))
    assert MarkFile(tmp_path, "a.events").read() == Mark("id-1", 9)
    assert MarkFile(tmp_path, "b.events").read() is None


def test_a_damaged_mark_is_told_with_the_way_out(tmp_path: Path) -> None:
    mark = MarkFile(tmp_path, "a.events")
    mark.write(Mark("id-1", 7))
    (tmp_path / "publishing" / "mark.json").write_bytes(b"{")
    with pytest.raises(Tampered, match="caseledger topic verify"):
        mark.read()


def test_a_mark_that_cannot_be_written_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "publishing").write_bytes(b"in the way")
    with pytest.raises(LedgerError) as refused:
        MarkFile(tmp_path, "a.events").write(Mark("id-1", 7))
    assert refused.value.code == "read_only"
