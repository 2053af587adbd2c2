"""XF-COI-001 and XF-COI-002: who was recused stays away, and others review what was decided."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, GRANT, History, at

RECUSED, REVIEWED = "XF-COI-001", "XF-COI-002"
END = "2025-12-31"
Said = list[tuple[str, str, str]]


def said(history: History, check: str, day: str = END) -> Said:
    return [(one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def declared(day: str = "2025-03-12", name: str = "case.interest_declared", **data: Any) -> History:
    history = History()
    history.received("2025-03-03")
    history.accepted("2025-03-10")
    history.add(name, day, by=("S-7", "MZJ", "handler"), staff="S-7", **data)
    return history


def decided(
    history: History, moment: str = "2025-03-14", recused: bool = True, precision: str | None = None
) -> History:
    history.add(
        "case.recusal_decided", moment, by=("S-9", "MZJ", "head"), precision=precision, staff="S-7", recused=recused
    )
    return history


def acted(history: History, moment: str, staff: str | None = "S-7", **data: Any) -> History:
    history.add("case.investigated", moment, by=(staff, "MZJ", "handler"), **{"method": "visit", **data})
    return history


def test_acting_after_the_recusal_is_certain_and_acting_before_it_is_not() -> None:
    assert said(acted(decided(declared()), "2025-03-14T10:00"), RECUSED) == []
    (finding,) = acted(decided(declared()), "2025-03-14T10:01").findings(RECUSED, END)
    assert (finding.reason, finding.certainty, finding.item, finding.facts["acts"]) == (
        "a_recused",
        "certain",
        "S-7",
        1,
    )


def test_an_hour_that_nobody_knows_never_decides() -> None:
    assert said(acted(decided(declared(), precision="day"), "2025-03-14T18:00"), RECUSED) == []
    assert said(acted(decided(declared(), precision="day"), "2025-03-15"), RECUSED) == [("a_recused", "hit", "certain")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.opinion_issued", {"signed_by": "S-7"}),
        ("case.extension_approved", {"days": 10, "approved_by": "S-7"}),
        ("case.handler_assigned", {"handler": "S-7"}),
        ("case.facts_heard", {"attendees": ["S-8", "S-7"]}),
        ("case.review_issued", {"stage": "review", "members": ["S-7"]}),
    ],
)
def test_being_named_as_signer_approver_handler_attendee_or_member_is_acting(name: str, data: dict[str, Any]) -> None:
    history = decided(declared())
    history.add(name, "2025-03-20", by=("S-1", "MZJ", "clerk"), **data)
    assert said(history, RECUSED) == [("a_recused", "hit", "certain")]


def test_being_named_otherwise_acting_by_others_and_speaking_of_the_recusal_itself_are_not() -> None:
    history = decided(declared())
    history.add("case.recusal_decided", "2025-03-20", by=("S-7", "MZJ", "handler"), staff="S-5", recused=False)
    history.add("case.interest_declared", "2025-03-21", by=("S-7", "MZJ", "handler"), staff="S-7", relation="kin")
    history.add("case.approval_confirmed", "2025-03-21", by=("S-7", "MZJ", "handler"), event_id="x")
    acted(history, "2025-03-22", "S-8", attendees=["S-8"])
    assert [one for one in said(history, RECUSED) if one[0] == "a_recused"] == []


def test_a_recusal_that_was_refused_or_lifted_later_leaves_the_official_in_place() -> None:
    assert said(acted(decided(declared(), recused=False), "2025-03-20"), RECUSED) == []
    lifted = decided(decided(declared()), "2025-03-18", recused=False)
    assert said(acted(lifted, "2025-03-19"), RECUSED) == []
    between = acted(decided(declared()), "2025-03-17")
    assert said(decided(between, "2025-03-18", recused=False), RECUSED) == [("a_recused", "hit", "certain")]


def test_acting_on_a_grant_of_the_case_counts_and_on_another_case_does_not() -> None:
    for of_case, expected in ((CASE, [("a_recused", (GRANT,))]), ("XF500229-2025-000002", [])):
        history = decided(declared())
        history.add("grant.applied", "2025-03-15", subject=GRANT, by=("S-1", "MZJ", "handler"), case=of_case)
        history.add(
            "grant.approved", "2025-03-20", subject=GRANT, by=("S-3", "GOV", "head"), meeting={"attendees": ["S-7"]}
        )
        assert [(one.reason, one.related) for one in history.findings(RECUSED, END)] == expected


@pytest.mark.parametrize("name", ["case.interest_declared", "case.recusal_requested"])
def test_acting_after_five_undecided_working_days_is_probable(name: str) -> None:
    """Declared on Wednesday March 12: the fifth working day is March 19."""
    assert said(acted(declared(name=name), "2025-03-19"), RECUSED) == []
    (finding,) = acted(declared(name=name), "2025-03-20").findings(RECUSED, END)
    assert (finding.reason, finding.certainty, finding.open) == ("b_undecided", "probable", True)


def test_a_decision_in_between_ends_the_waiting() -> None:
    assert said(acted(decided(declared(), "2025-03-19", recused=False), "2025-03-20"), RECUSED) == []
    late = decided(acted(declared(), "2025-03-20"), "2025-03-21", recused=False)
    assert said(late, RECUSED) == [("b_undecided", "hit", "probable")]
    after = acted(decided(declared(), "2025-03-25", recused=False), "2025-03-26")
    assert said(after, RECUSED) == []


def reviewed(
    members: list[str] | None,
    body: str | None = "GOV",
    stage: str = "review",
    history: History | None = None,
    day: str = "2025-05-20",
    **changes: Any,
) -> History:
    """Heard by S-50, handled by S-51, signed by S-109, issued by S-100 of MZJ."""
    if history is None:
        history = History()
        history.received("2025-03-03")
        history.claim("2025-03-04")
        history.accepted("2025-03-10", handler="S-51")
        history.add(
            "case.facts_heard", "2025-03-20", by=("S-50", "MZJ", "handler"), attendees=["S-50"], record=DOCUMENT
        )
        history.opinion("2025-04-01")
    history.add("case.review_requested", "2025-04-20", stage=stage, body=body, requested_at=at("2025-04-20"))
    by = changes.pop("by", ("S-60", body, "registrar"))
    history.add("case.review_issued", day, by=by, stage=stage, body=body, outcome="upheld", members=members)
    return history


@pytest.mark.parametrize(
    ("members", "hit"),
    [
        (["S-61", "S-62"], []),
        (["S-61", "S-51"], ["S-51"]),
        (["S-109"], ["S-109"]),
        (["S-50"], ["S-50"]),
        (["S-100"], ["S-100"]),
    ],
)
def test_handler_signer_and_hearer_do_not_review_their_own_opinion(members: list[str], hit: list[str]) -> None:
    found = reviewed(members).findings(REVIEWED, END)
    assert [(one.reason, one.certainty, one.facts["staff"]) for one in found] == (
        [("a_members", "certain", hit)] if hit else []
    )


def test_who_issues_the_review_as_reviewer_is_one_and_the_registrar_is_not() -> None:
    assert said(reviewed(["S-61"], by=("S-109", "GOV", "reviewer")), REVIEWED) == [("a_members", "hit", "certain")]
    assert said(reviewed(["S-61"], by=("S-109", "GOV", "registrar")), REVIEWED) == []


def test_the_earlier_reviewer_does_not_sit_again_and_work_after_the_opinion_is_no_part_in_it() -> None:
    first = reviewed(["S-61"])
    assert said(reviewed(["S-61"], "SJ", "re_review", first, "2025-07-01"), REVIEWED)[0] == (
        "a_members",
        "hit",
        "certain",
    )
    other = reviewed(["S-61"])
    other.unit("CITY", "government")
    other.unit("GOV", "government", ["CITY"])
    assert said(reviewed(["S-71"], "CITY", "re_review", other, "2025-07-01"), REVIEWED) == []
    later = History()
    later.received("2025-03-03")
    later.opinion("2025-04-01")
    later.add("case.facts_heard", "2025-05-02", by=("S-61", "GOV", "reviewer"), attendees=["S-61"])
    assert said(reviewed(["S-61"], history=later), REVIEWED) == []


def test_members_that_the_old_system_never_held_cannot_be_told() -> None:
    assert said(reviewed(None), REVIEWED) == [("a_members", "cannot_tell", "suspect")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("GOV", []),
        ("MZJ", [("b_body", "hit", "probable")]),
        ("JSW", [("b_body", "hit", "probable")]),
        ("XZ1", [("b_body", "hit", "probable")]),
        ("CITY", [("b_body", "cannot_tell", "suspect")]),
        (None, [("b_body", "cannot_tell", "suspect")]),
    ],
)
def test_the_body_stands_above_the_unit_that_decided(body: str | None, expected: Said) -> None:
    assert said(reviewed(["S-61"], body), REVIEWED) == expected


def test_a_unit_two_steps_above_is_above_and_an_external_body_cannot_be_told() -> None:
    history = History()
    history.unit("OUT", "external")
    history.received("2025-03-03")
    history.opinion("2025-04-01", unit="XZ1")
    assert said(reviewed(["S-61"], "GOV", history=history), REVIEWED) == []
    assert said(reviewed(["S-72"], "OUT", history=history, day="2025-06-20"), REVIEWED) == [
        ("b_body", "cannot_tell", "suspect")
    ]


def test_a_line_that_does_not_say_where_it_ends_cannot_be_told() -> None:
    untold = [("b_body", "cannot_tell", "suspect")]
    for code in ("MZJ", "GOV"):
        history = History()
        history.unit(code, "responsible" if code == "MZJ" else "government", ["GOV"] if code == "MZJ" else [])
        history.events[-1]["data"].pop("superiors")
        history.received("2025-03-03")
        history.opinion("2025-04-01")
        assert said(reviewed(["S-61"], "JSW", history=history), REVIEWED) == untold
    itself = History(units=False)
    itself.received("2025-03-03")
    itself.opinion("2025-04-01")
    assert said(reviewed(["S-61"], "MZJ", history=itself), REVIEWED) == [("b_body", "hit", "probable")]


def test_a_re_review_stands_above_the_body_of_the_review() -> None:
    history = reviewed(["S-61"])
    assert said(reviewed(["S-71"], "GOV", "re_review", history, "2025-07-01"), REVIEWED) == [
        ("b_body", "hit", "probable")
    ]
