"""XF-ACC-002: which unit owes a notice by when, which line of units shares one, and what silences it."""

from __future__ import annotations

import pytest

from tests.support.history import DOCUMENT, History, at

CHECK = "XF-ACC-002"
END = "2025-06-30"


def handed_to(unit: str = "MZJ", day: str = "2025-03-10", **received: object) -> History:
    """The office received on March 3 and handed over; the unit received on `day`."""
    history = History()
    history.received("2025-03-03", **received)  # type: ignore[arg-type]
    history.handed("2025-03-05", unit)
    history.took(day, unit)
    return history


def test_a_unit_without_a_notice_is_found_the_day_after_its_due_day() -> None:
    history = handed_to()
    assert history.findings(CHECK, "2025-03-25") == []
    (finding,) = history.findings(CHECK, "2025-03-26")
    assert (finding.item, finding.open, finding.certainty) == ("ref:h1/MZJ", True, "certain")
    assert str(finding.facts["due_on"]) == "2025-03-25"


@pytest.mark.parametrize(
    "notice", ["receipt", "acceptance", "non_acceptance", "transferred_to", "refer_elsewhere", "no_longer_accepted"]
)
def test_each_answering_notice_on_the_due_day_is_in_time(notice: str) -> None:
    history = handed_to()
    history.notified("2025-03-25", notice=notice)
    assert history.findings(CHECK, END) == []


def test_a_notice_one_day_late_is_found_with_its_evidence() -> None:
    history = handed_to()
    notice = history.notified("2025-03-26")
    (finding,) = history.findings(CHECK, END)
    assert (finding.open, finding.facts["days_late"]) == (False, 1)
    assert notice in finding.event_ids


def test_what_counts_is_the_day_of_sending_not_of_arrival() -> None:
    history = handed_to()
    history.notified("2025-03-28", sent_at=at("2025-03-25"), delivered_at=at("2025-03-28"))
    assert history.findings(CHECK, END) == []


@pytest.mark.parametrize(("notice", "unit"), [("extension", "MZJ"), ("procedure", "MZJ"), ("acceptance", "XF")])
def test_another_kind_of_notice_or_the_office_own_notice_does_not_count(notice: str, unit: str) -> None:
    history = handed_to()
    history.notified("2025-03-12", unit, notice)
    assert [one.result for one in history.findings(CHECK, END)] == ["hit"]


def test_a_petition_received_directly_counts_from_received_at() -> None:
    history = History()
    history.received("2025-03-03", unit="MZJ")
    (finding,) = history.findings(CHECK, "2025-03-19")
    assert (finding.item, str(finding.facts["due_on"])) == ("MZJ", "2025-03-18")


def test_the_due_day_rolls_over_the_spring_festival() -> None:
    history = History()
    history.received("2025-01-10")
    history.handed("2025-01-13")
    history.took("2025-01-14")
    history.notified("2025-02-05")
    assert history.findings(CHECK, END) == []


@pytest.mark.parametrize("unit", ["JW", "ZFW", "SJ"])
def test_units_with_rules_of_their_own_and_offices_owe_nothing_here(unit: str) -> None:
    assert handed_to(unit).findings(CHECK, END) == []


def test_an_anonymous_petition_and_an_exemption_are_silent() -> None:
    assert handed_to(anonymous=True).findings(CHECK, END) == []
    history = handed_to()
    history.add("case.notice_exempted", "2025-03-20", notice="receipt", ground="address_unclear")
    assert history.findings(CHECK, END) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.opinion_issued", {"result": "supported"}),
        ("case.mediation_agreed", {"agreement": DOCUMENT, "both_consent": True}),
        ("case.disposed", {"kind": "direct_answer"}),
        ("case.withdrawn", {"document": DOCUMENT, "via": "letter"}),
        ("case.handoff_withdrawn", {"handoff": "ref:h1", "unit": "MZJ", "reason": "sent wrongly"}),
    ],
)
def test_an_answer_or_an_end_by_the_due_day_is_silent_and_one_day_later_is_not(
    name: str, data: dict[str, object]
) -> None:
    history = handed_to()
    history.add(name, "2025-03-25", **data)  # type: ignore[arg-type]
    assert history.findings(CHECK, END) == []
    late = handed_to()
    late.add(name, "2025-03-26", **data)  # type: ignore[arg-type]
    assert [one.result for one in late.findings(CHECK, END)] == ["hit"]


def test_a_pending_objection_cannot_be_told_and_an_upheld_one_is_silent() -> None:
    history = handed_to()
    history.add(
        "case.handoff_objected",
        "2025-03-14",
        by=("S-100", "MZJ", "clerk"),
        handoff="ref:h1",
        unit="MZJ",
        reasons=DOCUMENT,
    )
    assert history.findings(CHECK, "2025-03-25") == []
    (finding,) = history.findings(CHECK, "2025-03-26")
    assert (finding.result, finding.item) == ("cannot_tell", "ref:h1/MZJ")
    history.add("case.objection_decided", "2025-03-27", handoff="ref:h1", unit="MZJ", upheld=True)
    assert history.findings(CHECK, END) == []


def test_after_a_rejected_objection_fifteen_days_run_from_the_decision_and_the_finding_is_probable() -> None:
    history = handed_to()
    history.add("case.handoff_objected", "2025-03-14", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
    history.add("case.objection_decided", "2025-03-20", handoff="ref:h1", unit="MZJ", upheld=False)
    assert history.findings(CHECK, "2025-04-07") == []
    (finding,) = history.findings(CHECK, "2025-04-08")
    assert (finding.certainty, str(finding.facts["due_on"])) == ("probable", "2025-04-07")
    assert str(finding.facts["due_before_rolling_on"]) == "2025-04-04"


def test_down_one_line_of_superiors_one_notice_within_the_first_period_does_for_all() -> None:
    history = handed_to("XZ")
    history.handed("2025-03-15", "XZ1", "ref:h2", by=("S-200", "XZ", "clerk"))
    history.took("2025-03-16", "XZ1", "ref:h2")
    history.notified("2025-03-25", "XZ1")
    assert history.findings(CHECK, END) == []


def test_a_notice_of_the_line_after_the_first_period_saves_only_its_own_unit() -> None:
    history = handed_to("XZ")
    history.handed("2025-03-15", "XZ1", "ref:h2", by=("S-200", "XZ", "clerk"))
    history.took("2025-03-16", "XZ1", "ref:h2")
    history.notified("2025-03-28", "XZ1")
    assert [one.item for one in history.findings(CHECK, END)] == ["ref:h1/XZ"]


def test_two_units_of_different_lines_each_owe_their_own_notice() -> None:
    history = handed_to("MZJ")
    history.handed("2025-03-12", "JSW", "ref:h2")
    history.took("2025-03-13", "JSW", "ref:h2")
    history.notified("2025-03-14", "JSW")
    assert [one.item for one in history.findings(CHECK, END)] == ["ref:h1/MZJ"]


def test_of_a_joint_handoff_each_unit_owes_its_own_even_on_one_line() -> None:
    history = History()
    history.received("2025-03-03")
    for unit in ("XZ", "XZ1"):
        history.handed("2025-03-05", unit, "ref:joint", joint=True, to=["XZ", "XZ1"])
        history.took("2025-03-06", unit, "ref:joint")
    history.notified("2025-03-10", "XZ")
    assert [one.item for one in history.findings(CHECK, END)] == ["ref:joint/XZ1"]


def test_missing_facts_are_named_and_never_counted_as_clean() -> None:
    unknown_kind = handed_to("NOWHERE")
    no_anonymity = handed_to(anonymous=None)
    nameless = handed_to()
    nameless.notified("2025-03-20", unit=None)
    nobody = History()
    nobody.received("2025-03-03", unit=None)
    for history, word in (
        (unknown_kind, "kind"), (no_anonymity, "anonymous"), (nameless, "sent the notice"), (nobody, "receiving unit"),
    ):  # fmt: skip
        (finding,) = history.findings(CHECK, END)
        assert finding.result == "cannot_tell"
        assert word in finding.facts["missing"]


def test_a_corrected_sending_day_that_alone_makes_it_timely_leaves_suspicion() -> None:
    history = handed_to()
    notice = history.notified("2025-03-28")
    history.corrected(notice, "/sent_at", at("2025-03-28"), at("2025-03-24"), "2025-04-01")
    (finding,) = history.findings(CHECK, END)
    assert (finding.result, finding.certainty) == ("hit", "suspect")


def test_handed_on_by_a_unit_to_one_without_declared_superiors_is_only_probable() -> None:
    history = handed_to("MZJ")
    history.unit("STREET", "responsible")
    history.notified("2025-03-12", "MZJ")
    history.handed("2025-03-15", "STREET", "ref:h2", by=("S-100", "MZJ", "clerk"))
    history.took("2025-03-16", "STREET", "ref:h2")
    (finding,) = history.findings(CHECK, END)
    assert (finding.item, finding.certainty) == ("ref:h2/STREET", "probable")
