"""Others are told what is new, gone and returned: each once, under an id that a repetition repeats, and no more than they may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.announce import (
    FINDING_TYPE,
    Announcement,
    Told,
    announce,
    announcements,
    standing_findings,
    told_by,
)
from domain.errors import Tampered

SOURCE = "/500229/petition-office"


class MemoryBoard:
    """A board that forgets nothing; `lost` is what was put up and never confirmed."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self._told: dict[str, Told] = {}

    def told(self) -> Mapping[str, Told]:
        return self._told

    def put(self, announcements: Iterable[Announcement]) -> None:
        for one in announcements:
            self.messages.append(one.raw)
            name, told = told_by(one.raw)
            self._told[name] = told

    def close(self) -> None:
        self._told = {}


def finding(number: int, audience: str = "office", result: str = "hit") -> dict[str, Any]:
    return {
        "check": "XF-DDL-001", "version": 1, "subject": f"XF500229-2025-{number:06}", "result": result, "severity": "high",
        "certainty": "certain", "reason": "late", "item": "", "fingerprint": f"XF-DDL-001|{number}|late|", "open": True,
        "stage": "handling", "audience": audience, "event_ids": ["e-1"], "facts": {"unit": "MZJ"},
        "sentence": {"zh": "迟", "en": "late"}, "related": [],
    }  # fmt: skip


names = st.sets(st.integers(1, 6))


@given(st.lists(names, max_size=8))
def test_whoever_reads_the_board_from_its_beginning_knows_what_stands(steps: list[set[int]]) -> None:
    board = MemoryBoard()
    ids: set[str] = set()
    for size, present in enumerate(steps):
        standing = standing_findings(map(finding, sorted(present)), "office")
        announce(board, SOURCE, FINDING_TYPE, standing, size)
        assert announcements(SOURCE, FINDING_TYPE, board.told(), standing, size + 1) == []
        known: set[str] = set()
        for raw in board.messages:
            name, told = told_by(raw)
            assert (name in known) is (told.change == "gone"), "what is new was not there, what is gone was"
            known = known - {name} if told.change == "gone" else known | {name}
        assert known == set(standing)
    for raw in board.messages:
        ids.add(msgspec.json.decode(raw)["id"])
    assert len(ids) == len(board.messages)


def test_what_was_put_up_and_not_confirmed_comes_again_under_the_same_id() -> None:
    standing = standing_findings([finding(1), finding(2)], "office")
    once = announcements(SOURCE, FINDING_TYPE, {}, standing, 5)
    assert announcements(SOURCE, FINDING_TYPE, {}, standing, 5) == once
    told = {one.name: one.told for one in once}
    (gone,) = announcements(SOURCE, FINDING_TYPE, told, {once[0].name: standing[once[0].name]}, 6)
    assert (gone.told.change, gone.told.number, gone.name) == ("gone", 2, once[1].name)
    told[gone.name] = gone.told
    (back,) = announcements(SOURCE, FINDING_TYPE, told, standing, 7)
    assert (back.told.change, back.told.number) == ("returned", 3)


def test_only_what_the_readers_may_see_is_told_and_neither_sentences_nor_facts() -> None:
    lines = [finding(1), finding(2, "superior"), finding(3, "discipline"), finding(4, result="cannot_tell")]
    assert len(standing_findings(lines, "office")) == 1
    assert len(standing_findings(lines, "discipline")) == 3
    (told,) = standing_findings(lines, "office").values()
    assert not {"facts", "sentence", "related"} & told.keys()


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"data":{}}', b'{"data":{"name":"x","change":"new","number":"y"}}'])
def test_a_message_that_is_none_of_ours_is_refused(raw: bytes) -> None:
    with pytest.raises(Tampered, match="feed"):
        told_by(raw)
