"""XF-ACC-005 and XF-ACC-010: refusals taken back, and refusals on grounds that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.history import CASE, DOCUMENT, History, at

BACK = "XF-ACC-005"
GROUND = "XF-ACC-010"
END = "2025-12-31"
OTHER = "XF500229-2025-000002"


def refused(ground: str = "not_competent", unit: str | None = "MZJ", subject: str = CASE, **data: Any) -> History:
    history = History()
    history.received("2025-03-03", subject=subject)
    refuse(history, "2025-03-10", ground, unit, subject, **data)
    return history


def refuse(history: History, day: str, ground: str, unit: str | None = "MZJ", subject: str = CASE, **data: Any) -> None:
    history.add("case.acceptance_refused", day, subject=subject, by=("S-1", unit, "handler"), ground=ground, **data)


def said(history: History, check: str, day: str = END) -> list[tuple[str, str, str, str]]:
    return [(one.subject, one.reason, one.result, one.certainty) for one in history.findings(check, day)]


def test_a_unit_that_refused_and_then_accepted_is_suspect() -> None:
    history = refused()
    history.accepted("2025-03-20")
    assert said(history, BACK) == [(CASE, "refused", "hit", "suspect")]
    (finding,) = history.findings(BACK, END)
    assert (finding.item, finding.severity, str(finding.facts["accepted_on"])) == ("MZJ", "medium", "2025-03-20")


def test_another_unit_accepting_or_an_acceptance_before_the_refusal_is_none() -> None:
    other = refused()
    other.accepted("2025-03-20", "JSW")
    earlier = refused()
    earlier.accepted("2025-03-09")
    for history in (other, earlier, refused()):
        assert said(history, BACK) == []


@pytest.mark.parametrize(("day", "hits"), [("2025-03-09", 1), ("2025-03-10", 0), ("2025-03-20", 0), ("2025-03-21", 1)])
def test_a_decision_on_competence_between_the_two_explains_it(day: str, hits: int) -> None:
    history = refused()
    history.add("case.competence_decided", day, unit="MZJ", decided_by="GOV")
    history.accepted("2025-03-20")
    assert len(said(history, BACK)) == hits


def test_an_unclear_petition_made_clear_is_accepted_rightly() -> None:
    history = refused("unclear")
    history.accepted("2025-03-20")
    assert said(history, BACK) == []


def test_the_matter_counts_and_not_the_case_alone() -> None:
    history = refused()
    history.received("2025-04-01", subject=OTHER)
    history.add("case.registered", "2025-04-01", subject=OTHER, content_class="land", repeat_of=CASE)
    history.accepted("2025-04-05", subject=OTHER)
    (finding,) = history.findings(BACK, END)
    assert (finding.subject, finding.related) == (CASE, (OTHER,))
    unrelated = refused()
    unrelated.received("2025-04-01", subject=OTHER)
    unrelated.accepted("2025-04-05", subject=OTHER)
    assert said(unrelated, BACK) == []


def test_an_upheld_objection_counts_like_a_refusal_and_a_rejected_one_does_not() -> None:
    for upheld, wanted in ((True, [(CASE, "objected", "hit", "suspect")]), (False, [])):
        history = History()
        history.received("2025-03-03")
        history.handed("2025-03-04")
        history.took("2025-03-05")
        history.add("case.handoff_objected", "2025-03-06", handoff="ref:h1", unit="MZJ", reasons=DOCUMENT)
        history.add("case.objection_decided", "2025-03-10", handoff="ref:h1", unit="MZJ", upheld=upheld)
        history.accepted("2025-03-20")
        assert said(history, BACK) == wanted


def test_a_refusal_by_nobody_known_cannot_be_told() -> None:
    history = refused(unit=None)
    history.accepted("2025-03-20")
    assert said(history, BACK) == [(CASE, "refused", "cannot_tell", "suspect")]


def repeated(ground: str, closed: str | None = None) -> History:
    """CASE was received first; OTHER is the same matter and was refused on April 10."""
    history = History()
    history.received("2025-03-03")
    if closed is not None:
        history.add("case.closed", closed, ground="opinion_delivered")
    history.received("2025-04-08", subject=OTHER)
    history.add("case.registered", "2025-04-08", subject=OTHER, content_class="land", repeat_of=CASE)
    refuse(history, "2025-04-10", ground, "XF", OTHER)
    return history


def test_the_same_matter_in_process_must_be_open_on_the_day_of_the_refusal() -> None:
    for closed, hits in ((None, 0), ("2025-04-11", 0), ("2025-04-09", 1)):
        history = repeated("same_matter_in_process", closed)
        assert said(history, GROUND) == [(OTHER, "same_matter", "hit", "certain")] * hits


def test_a_reopened_case_is_in_process_and_a_withdrawn_one_is_not() -> None:
    reopened = repeated("same_matter_in_process", "2025-03-20")
    reopened.add("case.reopened", "2025-04-01", reason="x", approved_by="S-9")
    assert said(reopened, GROUND) == []
    withdrawn = repeated("same_matter_in_process")
    withdrawn.add("case.withdrawn", "2025-04-01", document=DOCUMENT, via="visit")
    assert said(withdrawn, GROUND) == [(OTHER, "same_matter", "hit", "certain")]


def test_without_any_other_case_of_the_matter_in_this_ledger_it_is_suspect() -> None:
    assert said(refused("same_matter_in_process"), GROUND) == [(CASE, "same_matter", "hit", "suspect")]
    assert said(refused("re_reviewed"), GROUND) == [(CASE, "re_reviewed", "hit", "suspect")]


@pytest.mark.parametrize(
    ("stage", "day", "hits"),
    [("re_review", "2025-04-09", 0), ("re_review", "2025-04-11", 1), ("review", "2025-04-09", 1)],
)
def test_re_reviewed_needs_a_re_review_of_the_matter_by_then(stage: str, day: str, hits: int) -> None:
    history = repeated("re_reviewed", "2025-03-20")
    history.add("case.review_issued", day, stage=stage, body="GOV", outcome="upheld", members=["S-300"])
    assert said(history, GROUND) == [(OTHER, "re_reviewed", "hit", "certain")] * hits


def test_another_procedure_is_named_and_told_within_fifteen_days() -> None:
    for day, hits in (("2025-03-25", 0), ("2025-03-26", 1)):
        for notice in ("refer_elsewhere", "non_acceptance"):
            history = refused("other_procedure", procedure="civil suit")
            history.notified(day, "MZJ", notice)
            assert said(history, GROUND) == [(CASE, "other_procedure", "hit", "certain")] * hits
    waiting = refused("other_procedure", procedure="civil suit")
    assert said(waiting, GROUND, "2025-03-25") == []
    assert [one.open for one in waiting.findings(GROUND, "2025-03-26")] == [True]


def test_a_notice_without_a_named_procedure_is_not_enough_and_unknown_in_imported_history() -> None:
    history = refused("other_procedure")
    history.notified("2025-03-12", "MZJ", "non_acceptance")
    assert said(history, GROUND) == [(CASE, "other_procedure", "hit", "certain")]
    imported = refused("other_procedure", imported="sha256:old")
    imported.notified("2025-03-12", "MZJ", "non_acceptance")
    assert said(imported, GROUND) == [(CASE, "other_procedure", "cannot_tell", "suspect")]
    untold = refused("other_procedure", imported="sha256:old")
    assert said(untold, GROUND) == [(CASE, "other_procedure", "hit", "certain")]


def test_nobody_is_told_who_cannot_be_told_and_other_notices_do_not_count() -> None:
    anonymous = History()
    anonymous.received("2025-03-03", anonymous=True)
    refuse(anonymous, "2025-03-10", "other_procedure", procedure="x")
    exempted = refused("other_procedure", procedure="x")
    exempted.add("case.notice_exempted", "2025-03-12", notice="refer_elsewhere", ground="address_unclear")
    for history in (anonymous, exempted):
        assert said(history, GROUND) == []
    receipt = refused("other_procedure", procedure="x")
    receipt.notified("2025-03-12", "MZJ", "receipt")
    assert len(said(receipt, GROUND)) == 1


def test_other_grounds_name_nothing_that_must_be_there() -> None:
    for ground in ("not_competent", "unclear", "other"):
        assert said(refused(ground), GROUND) == []


def test_a_corrected_notice_is_computed_both_ways_and_an_early_receipt_cannot_be_told() -> None:
    history = refused("other_procedure", procedure="x")
    told = history.notified("2025-03-26", "MZJ", "non_acceptance")
    history.corrected(told, "/sent_at", at("2025-03-26"), at("2025-03-24"), "2025-03-27")
    assert said(history, GROUND) == [(CASE, "other_procedure", "hit", "suspect")]
    early = History()
    early.received("2022-03-03")
    refuse(early, "2022-03-10", "re_reviewed")
    assert said(early, GROUND) == [(CASE, "re_reviewed", "cannot_tell", "suspect")]
