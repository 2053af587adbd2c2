"""The demo's last question: a figure as the ledger knew it before today's entries and now, every difference explained."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from infra.cli.invocation import Invocation
from infra.cli.tables import Shown

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from infra.sql_source import SqlSource

LATE_CASE = "ref:demo/late"
APPROVER = "S-XF-01"
REGISTRAR = {"staff": "S-XF-04", "unit": "XF", "role": "registrar"}
FIGURE = "cases_received_by_channel"
FIRST_DAY = date(2025, 1, 1)
RECEIVED = "petition.case.received.v1"
SHOWN = (Shown("change"), Shown("subject"), Shown("dimensions"), Shown("cause"), Shown("told"))


def tell_something_new(run: Invocation) -> None:
    """Record, live, a petition received three days ago and a correction of the year's first; again changes nothing."""
    from infra.wiring import open_ledger, open_source, utc_now

    now = utc_now().replace(microsecond=0)
    with open_source(run.settings) as source:
        if source.subject_of("case", LATE_CASE) is not None:
            return
        correction = _correction(source, now.isoformat())
    with open_ledger(run.settings) as ledger:
        for action in (_late_entry((now - timedelta(days=3)).isoformat()), correction):
            _record(ledger, action)


def _record(ledger: Ledger, action: dict[str, Any]) -> None:
    from domain.answers import Submission

    answer = ledger.record([Submission(action)])[0]
    if answer.error is not None:
        raise answer.error


def _late_entry(at: str) -> dict[str, Any]:
    return {
        "action": "receive_petition",
        "action_id": "demo/late",
        "at": at,
        "by": REGISTRAR,
        "case": LATE_CASE,
        "channel": "online",
        "source": "direct",
        "received_at": at,
        "people_count": 1,
        "anonymous": False,
        "petitioner_ref": "demo/late/p1",
        "content": "sha256:" + "0" * 64,
        "region": "500229",
        "urgent": False,
    }


def _correction(source: SqlSource, at: str) -> dict[str, Any]:
    """The first petition of the year that came by letter was really handed in at a visit."""
    from domain.event import decode

    letters = (decode(one.raw) for one in source.read(types=[RECEIVED]))
    event = next(one for one in letters if one["data"]["channel"] == "letter")
    return {
        "action": "correct_record",
        "action_id": "demo/correction",
        "at": at,
        "by": REGISTRAR,
        "case": event["subject"],
        "event_id": event["id"],
        "field": "/channel",
        "was": "letter",
        "now": "visit",
        "reason": "demo",
        "approved_by": APPROVER,
    }


def known_before(source: SqlSource) -> str:
    """The recording of the last event before the petition that was entered late, as an instant."""
    from domain.event import decode

    late = source.subject_of("case", LATE_CASE)
    assert late is not None, "the demo recorded it"
    first = next(iter(source.read_subject(late))).position
    (before,) = source.read(after=first - 2, until=first - 1)
    return str(decode(before.raw)["recordedtime"])


def print_difference(run: Invocation, source: SqlSource) -> dict[str, object]:
    """Print both answers with their causes; gives the words of the command that asks the same."""
    from domain.asof import AsOf, end_of_day, parse_instant
    from infra.cli.comparing import print_comparison
    from infra.cli.question import today
    from projections.figure import Question

    before, now = known_before(source), today()
    old, new = (AsOf("known", instant) for instant in (parse_instant(before), end_of_day(now)))
    pair = (Question(FIRST_DAY, now, old, (FIGURE,)), Question(FIRST_DAY, now, new, (FIGURE,)))
    print_comparison(run, source, pair, None, plain=False, shown=SHOWN)
    return {"figure": FIGURE, "first": FIRST_DAY, "before": before, "now": now}
