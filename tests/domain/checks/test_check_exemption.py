"""XF-ACC-011: exempted from notice as unreachable, and reached later."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-ACC-011"


def exempted(day: str = "2025-03-10") -> History:
    history = History()
    history.received("2025-03-03")
    history.add(
        "case.notice_exempted", day, notice="acceptance", ground="address_unclear", by=("S-1", "MZJ", "handler")
    )
    return history


def said(history: History) -> list[tuple[str, str, str]]:
    return [(one.reason, one.item, one.result) for one in history.findings(CHECK, "2025-12-31")]


@pytest.mark.parametrize(
    ("data", "hits"),
    [
        ({"delivery": "post", "result": "signed"}, 1),
        ({"delivery": "hand", "result": "refused_left"}, 1),
        ({"delivery": "sms", "delivered_at": at("2025-04-02")}, 1),
        ({"delivery": "post"}, 0),
        ({"delivery": "post", "result": "returned", "delivered_at": at("2025-04-02")}, 0),
        ({"delivery": "public_notice", "delivered_at": at("2025-04-02")}, 0),
    ],
)
def test_only_a_delivery_that_reached_the_petitioner_contradicts_the_exemption(data: dict[str, str], hits: int) -> None:
    history = exempted()
    history.notified("2025-04-01", notice="extension", **data)
    assert said(history) == [("b_delivered", "acceptance", "hit")] * hits


def test_a_delivered_opinion_or_review_contradicts_it_too() -> None:
    for name in ("case.opinion_delivered", "case.review_delivered"):
        history = exempted()
        history.add(name, "2025-04-01", delivery="hand", signed=True, delivered_at=at("2025-04-01"), proof=DOCUMENT)
        (finding,) = history.findings(CHECK, "2025-12-31")
        assert (finding.severity, finding.certainty) == ("medium", "probable")
        assert str(finding.facts["delivered_on"]) == "2025-04-01"


def test_an_address_that_was_known_before_and_is_lost_since_is_no_contradiction() -> None:
    history = History()
    history.received("2025-03-03")
    history.notified("2025-03-04", notice="receipt", delivery="post", result="signed")
    history.add("case.notice_exempted", "2025-03-10", notice="acceptance", ground="address_unclear")
    assert said(history) == []


def test_two_exemptions_of_one_notice_are_one_finding_and_before_the_delivery_there_is_none() -> None:
    history = exempted()
    history.add("case.notice_exempted", "2025-03-11", notice="acceptance", ground="name_unclear")
    history.notified("2025-04-01", notice="extension", delivery="post", result="signed")
    assert len(said(history)) == 1
    assert history.findings(CHECK, "2025-03-31") == []


def test_a_receipt_before_the_regulation_cannot_be_told() -> None:
    history = History()
    history.received("2022-04-01")
    history.add("case.notice_exempted", "2022-04-02", notice="acceptance", ground="name_unclear")
    history.notified("2022-04-05", delivery="post", result="signed")
    assert said(history) == [("b_delivered", "acceptance", "cannot_tell")]
