"""Clauses on outside lists and on the record itself (XF-REC, XF-INT)."""

from __future__ import annotations

from typing import Any

from tests.support.clauses.acts import (
    SECOND,
    accepted,
    act,
    case,
    closed,
    handed,
    heard,
    opinion,
    paid,
    received,
    registered,
    routed,
    staff,
)
from tests.support.clauses.story import Act, Fixture, IdOf, Story, asked_on, both, but, how, plus, told, untold, without

OLD = "sha256:" + "01" * 32


def _listed(*numbers: str) -> Act:
    return act(
        "register.external_list_declared", "2025-07-02", subject="ledger", system="national", from_on="2025-01-01",
        until_on="2025-06-30", count=1, numbers=list(numbers),
    )  # fmt: skip


def _imported(approved_by: str, *more: Act) -> Story:
    """A file of history, imported on June 2, the day after the cutover."""
    return told(
        staff("S-H", "XF"), staff("S-C", "XF", "clerk"),
        act("register.cutover_declared", "2025-05-01", "system", subject="ledger", on="2025-06-01"),
        act(
            "register.import_opened", "2025-06-02", "system", subject="ledger", file=OLD, kind="history", bytes=1,
            operator="u", recorder_staff="S-R", approved_by=approved_by,
        ),
        *more,
    )  # fmt: skip


def _override(*guards: str) -> dict[str, Any]:
    return {"guards": list(guards), "reason": "urgent", "approved_by": "S-9"}


def _silent_unit() -> Story:
    """MZJ holds ten open cases and records nothing more; three units of its kind hear petitioners in August."""
    known = [staff("S-001", "XF", "registrar"), staff("S-100", "MZJ", "handler")]
    acts: list[Act] = []
    for number in range(1, 11):
        acts += [received("2025-06-02", subject=case(number)), accepted("2025-06-03", subject=case(number))]
    for number, unit in enumerate(("JSW", "RSJ", "XZ1"), start=11):
        acts += [
            received("2025-06-02", subject=case(number)), accepted("2025-06-03", unit, case(number)),
            heard("2025-08-01", by_unit=unit, subject=case(number)),
        ]  # fmt: skip
    return told(*known, *acts, on="2025-08-30")


def _unsaid(count: int) -> Story:
    """Ten cases handed to MZJ; of the first few nobody said whether feedback was required."""
    acts: list[Act] = []
    for number in range(1, 11):
        subject = case(number)
        acts += [
            received(subject=subject), registered("2025-03-03T11:00", subject), routed("2025-03-04", subject=subject),
            handed("2025-03-04", subject=subject, feedback_required=None if number <= count else False),
            accepted("2025-03-06", subject=subject),
        ]  # fmt: skip
    return told(*acts, notes={"all_checks": True})


TWO_CASES = (received(), registered(), received(subject=SECOND))

FIXTURES = (
    Fixture(
        "XF-REC-001", "absent_here",
        told(received(external_numbers={"national": "N1"}), _listed("N1", "N2")),
        but("register.external_list_declared", numbers=["N1"]),
        plus(received(subject=SECOND, external_numbers={"national": "N2"})),
        but("register.external_list_declared", numbers=None),
    ),
    Fixture(
        "XF-REC-001", "absent_there",
        told(received("2025-01-01", external_numbers={"national": "N1"}), _listed()),
        but("case.received", day="2024-12-31"),
        but("register.external_list_declared", numbers=["N1"]),
        but("register.external_list_declared", parts=2),
    ),
    Fixture(
        "XF-REC-001", "channel_log",
        told(
            act("register.channel_log_declared", "2025-03-04", subject="ledger", channel="call", unit="XF", on="2025-03-03",
                count=2, not_petitions=1),
        ),
        but("register.channel_log_declared", count=1),
        plus(received(channel="call")),
        but("register.channel_log_declared", not_petitions=None),
    ),
    Fixture(
        "XF-INT-001", "sequence",
        told(received(), registered(), routed(), lost=(1,)),
        how(lost=()),
        both(how(lost=()), plus(received(subject=SECOND))),
    ),
    Fixture(
        "XF-INT-001", "numbers",
        told(received(), received(subject=case(3))),
        but("case.received", 2, subject=SECOND),
        but("case.received", 2, subject=case(1, 2026)),
    ),
    Fixture(
        "XF-INT-001", "recordedtime",
        told(
            received(recorded="2025-03-03T10:00:01.000000Z"),
            received(subject=SECOND, recorded="2025-03-03T10:00:00.999999Z"),
        ),
        but("case.received", 2, recorded="2025-03-03T10:00:01.000000Z"),
        but("case.received", 2, day="2025-01-02", recorded="2025-03-03T10:00:02.000000Z"),
    ),
    Fixture(
        "XF-INT-001", "leaf",
        told(*TWO_CASES, sealed=True, altered=(1,)),
        how(altered=()),
        both(
            how(altered=()),
            plus(act("case.record_corrected", "2025-03-20", event_id=IdOf("case.registered"), field="/content_class",
                     was="land", now="housing", reason="typing error", approved_by="S-009")),
        ),
    ),
    Fixture(
        "XF-INT-001", "short",
        told(*TWO_CASES, sealed=True, lost=(2,)),
        how(lost=()),
        both(how(lost=()), plus(closed("2025-03-05", "withdrawn"))),
    ),
    Fixture(
        "XF-INT-002", "a_actor",
        told(staff("S-100", role="handler", active_from_on="2025-02-01"), heard("2025-01-31")),
        but("case.facts_heard", day="2025-02-01"),
        plus(staff("S-100", role="handler", active_from_on="2024-12-01", active_until_on="2025-01-31")),
        untold("case.facts_heard", "by_staff"),
    ),
    Fixture(
        "XF-INT-002", "b_silent",
        _silent_unit(),
        plus(heard("2025-08-01")),
        plus(closed("2025-08-01", "mediated", by_role="registrar", subject=case(10))),
        how(units=False),
    ),
    Fixture(
        "XF-INT-003", "a_money_or_secrecy",
        told(paid(override=_override("duties"))),
        but("grant.paid", override__guards=["recused"]),
        but("grant.paid", override=None),
    ),
    Fixture(
        "XF-INT-003", "b_other",
        told(paid(override=_override("recused"))),
        but("grant.paid", override__guards=["recused", "cap"]),
        but("grant.paid", override=None),
    ),
    Fixture(
        "XF-INT-004", "cannot_tell",
        _unsaid(3),
        but("case.handoff_offered", 3, feedback_required=False),
        both(*(but("case.handoff_offered", nth, feedback_required=True, due_on="2026-12-31") for nth in (1, 2, 3))),
    ),
    Fixture(
        "XF-INT-005", "a_after_cutover",
        _imported("S-H", received("2025-06-01", imported=OLD)),
        but("case.received", day="2025-05-31"),
        but("register.import_opened", kind="live"),
        without("register.cutover_declared"),
    ),
    Fixture(
        "XF-INT-005", "b_approver",
        _imported("S-C"),
        but("register.import_opened", approved_by="S-H"),
        but("register.import_opened", kind="live"),
    ),
    Fixture(
        "XF-INT-006", "unconfirmed",
        told(received(), opinion("2025-03-10"), on="2025-04-10"),
        asked_on("2025-04-09"),
        plus(act("case.approval_confirmed", "2025-04-09", "S-109", "MZJ", event_id=IdOf("case.opinion_issued"))),
    ),
)  # fmt: skip
