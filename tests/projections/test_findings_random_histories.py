"""Random histories: no order of acts makes a check fail, and the answer does not depend on how it is asked."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from projections.figure import Question
from projections.statistics import figures
from tests.support.act_names import ACT_NAMES
from tests.support.history import DOCUMENT, FUND, GRANT, History, asked, at

UNITS = ("XF", "MZJ", "JSW", "XZ", "XZ1", "JW", "NEW", None)
CASES = tuple(f"XF500229-2025-{number:06d}" for number in (1, 2, 3))
REFS = ("ref:a", "ref:b", "ref:c")


def some_data(rng: random.Random) -> dict[str, Any]:
    """Fields of every kind, each there or not, so that any fact may be missing."""
    day = (date(2025, 1, 1) + timedelta(days=rng.randrange(400))).isoformat()
    everything: dict[str, Any] = {
        "handoff": rng.choice(REFS),
        "unit": rng.choice([unit for unit in UNITS if unit]),
        "due_on": day,
        "feedback_required": rng.random() < 0.7,
        "joint": rng.random() < 0.2,
        "mode": rng.choice(("transfer", "assign", "tri_party")),
        "upheld": rng.random() < 0.5,
        "materials_returned": rng.random() < 0.5,
        "reasons": DOCUMENT,
        "document": DOCUMENT,
        "purpose": rng.choice(("claim", "claim", "suggestion", "other")),
        "route": rng.randrange(1, 7),
        "procedure": "review",
        "procedure_ref": "1",
        "notice": rng.choice(("receipt", "acceptance", "non_acceptance", "extension", "no_longer_accepted")),
        "sent_at": at(day),
        "received_at": at(day),
        "anonymous": rng.random() < 0.2,
        "channel": "letter",
        "days": rng.randrange(1, 40),
        "hearing": "ref:t",
        "outcome": rng.choice(("upheld", "redo")),
        "ground": rng.choice(("other_procedure", "unclear", "petitioner_died", "opinion_delivered")),
        "kind": rng.choice(("direct_answer", "no_longer_accepted", "filed")),
        "fund": FUND,
        "grant": GRANT,
        "case": CASES[0],
        "applicant_unit": "MZJ",
        "amount_fen": rng.randrange(1, 500_000),
        "opening_balance_fen": rng.randrange(0, 500_000),
        "payment": rng.choice(("ref:p1", "ref:p2")),
        "passed": rng.random() < 0.7,
        "rules": {"tiers": [{"up_to_fen": 300_000, "approver_role": "head", "collective": True}], "quorum": 2},
        "accusation_of": rng.choice(("supervised_official", "other_illegality")),
        "about_units": [rng.choice(("MZJ", "JSW"))],
        "restricted": rng.random() < 0.2,
        "receipt_evidence": {"kind": rng.choice(("postmark", "arrival_stamp")), "at": at(day)},
        "external_numbers": {"national": str(rng.randrange(5))},
        "stage": rng.choice(("review", "re_review")),
        "delivery": rng.choice(("post", "public_notice", "entrusted")),
        "signed": rng.random() < 0.5,
        "done": rng.random() < 0.5,
        "approved_by": rng.choice(("S-1", "S-2")),
        "override": {"guards": ["cap"], "reason": "x", "approved_by": "S-2"},
        "to": ["MZJ", "JSW", "XZ"],
        "meeting": {"held_on": day, "attendees": ["S-1"]},
        "repeat_of": rng.choice(CASES),
        "into": rng.choice(CASES),
    }
    kept = rng.random()
    return {name: value for name, value in everything.items() if rng.random() < kept + 0.3}


def told(seed: int) -> History:
    """A hundred acts in no order at all, with corrections of some of them."""
    rng = random.Random(seed)
    history = History(units=rng.random() < 0.8, calendars=rng.random() < 0.8)
    subjects = {"case": CASES, "grant": (GRANT,), "fund": (FUND,)}
    recorded: list[tuple[str, str, str]] = []
    for _ in range(100):
        aggregate = rng.choice(("case", "case", "case", "grant", "fund"))
        subject = rng.choice(subjects[aggregate])
        moment = (date(2025, 1, 1) + timedelta(days=rng.randrange(300))).isoformat()
        if recorded and rng.random() < 0.05:
            event_id, of, was = rng.choice(recorded)
            history.corrected(event_id, "/time", was, at(moment), moment, of)
            continue
        by = (rng.choice(("S-1", "S-2", None)), rng.choice(UNITS), rng.choice(("head", "clerk", None)))
        precision = "day" if rng.random() < 0.2 else None
        name = f"{aggregate}.{rng.choice(ACT_NAMES[aggregate])}"
        event_id = history.add(name, moment, subject=subject, by=by, precision=precision, **some_data(rng))
        recorded.append((event_id, subject, at(moment)))
    return history


@pytest.mark.parametrize("seed", range(60))
def test_no_history_makes_a_check_fail_and_equal_questions_have_equal_bytes(seed: int) -> None:
    history = told(seed)
    for clock in ("happened", "known"):
        run = history.run("2025-12-31", clock=clock)
        assert run.failures == []
        assert run.to_bytes() == history.run("2025-12-31", clock=clock).to_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_asking_case_by_case_gives_the_same_findings_as_asking_for_all(seed: int) -> None:
    history = told(seed)
    subjects = (*CASES, GRANT, FUND)
    run = history.run("2025-12-31")
    assert len({one.fingerprint for one in run}) == len(run.findings)
    for subject in subjects:
        whole = [one.to_json() for one in run if one.check != "XF-INT-001" and one.is_about((subject,))]
        alone = history.run("2025-12-31", subjects=[subject])
        assert [one.to_json() for one in alone if one.check != "XF-INT-001"] == whole


@pytest.mark.parametrize("seed", range(20))
def test_every_figure_of_any_history_is_the_length_of_its_members(seed: int) -> None:
    history = told(seed)
    question = Question(date(2025, 1, 1), date(2025, 12, 31), asked("2025-12-31"))
    found = list(figures(history.source(), question))
    assert [one.to_json(True) for one in found] == [one.to_json(True) for one in figures(history.source(), question)]
    for figure in found:
        if figure.definition.kind == "rate":
            assert figure.value == {"numerator": len(figure.numerator), "denominator": len(figure.members)}
            assert sum(figure.by_status.values()) == len(figure.members)
