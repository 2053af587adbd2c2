"""One slim row per event, with words in two languages when it is read."""

from __future__ import annotations

import re

import pytest

from projections.timeline import TIMELINE, TYPES
from projections.wording import ANY_AGGREGATE, SENTENCES, sentence, yuan
from tests.support.memory_ledger import CASE, GRANT, MemoryLedger, random_ledger


def test_events_of_a_grant_stand_in_the_timeline_of_its_case() -> None:
    ledger = MemoryLedger()
    ledger.tell("grant.applied", "2025-03-01", subject=GRANT, correlationid=CASE)
    ledger.tell("case.received", "2025-03-01")
    (grant,), (case,) = ledger.rows("timeline", GRANT), ledger.rows("timeline", CASE)
    assert (grant["subject"], grant["case"]) == (GRANT, CASE)
    assert (case["subject"], case["case"]) == (CASE, CASE)


@pytest.mark.parametrize("words", [*SENTENCES.items(), *ANY_AGGREGATE.items()], ids=lambda item: item[0])
def test_both_sentences_of_an_event_name_the_same_fields(words: tuple[str, tuple[str, str]]) -> None:
    zh, en = (sorted(set(re.findall(r"\{(.*?)\}", text))) for text in words[1])
    assert zh == en


def test_a_sentence_words_coded_values_amounts_and_the_unknown() -> None:
    event = {"type": "petition.grant.paid.v1", "data": {"amount_fen": 123_405, "method": "cash"}}
    assert sentence(event, "zh") == "发放 1234.05 元（未知，现金）"
    assert sentence(event, "en") == "1234.05 yuan paid (unknown, cash)"
    assert [yuan(fen) for fen in (0, 5, -150, "x")] == ["0.00", "0.05", "-1.50", "x"]


def test_a_type_without_words_gives_its_name() -> None:
    assert sentence({"type": "petition.duty.session_held.v1"}, "zh") == "duty.session_held"


def test_cases_grants_and_funds_have_words_for_every_type_of_the_timeline() -> None:
    for type_name in TYPES:
        assert sentence({"type": type_name}, "zh") != sentence({"type": type_name}, "en")


def test_what_is_stored_is_the_rows_without_their_names() -> None:
    ledger = random_ledger(7, 120)
    names = [column.name for column in TIMELINE.columns]
    for subject in sorted({event["subject"] for event in ledger.events}):
        events = [{**event, "position": at} for at, event in enumerate(ledger.events, 1) if event["subject"] == subject]
        document = TIMELINE.fold(events)
        assert TIMELINE.cells is not None
        assert [dict(zip(names, cells, strict=True)) for cells in TIMELINE.cells(subject, document)] == TIMELINE.rows(
            subject, document
        )
