"""One slim row per event, with words in two languages when it is read."""

from __future__ import annotations

import re

import pytest

from projections.timeline import TYPES
from projections.wording import ANY_AGGREGATE, SENTENCES, sentence, yuan
from tests.support.memory_ledger import CASE, GRANT, MemoryLedger


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
