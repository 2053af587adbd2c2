"""Histories for tests: plain decoded events in the ledger's shape, and a source that serves them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from domain.asof import AsOf, Clock, end_of_day
from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Finding
from domain.event import canonical, importid_of
from projections.findings import CheckRun, run_checks

CASE = "XF500229-2025-000001"
GRANT = "JZ500229-2025-0001"
FUND = "fund:ref:F2025"
DOCUMENT = "sha256:" + "ab" * 32

UNITS: dict[str, tuple[str, list[str]]] = {
    "SJ": ("superior_petition_office", []),
    "GOV": ("government", []),
    "XF": ("petition_office", ["GOV"]),
    "MZJ": ("responsible", ["GOV"]),
    "JSW": ("responsible", ["GOV"]),
    "RSJ": ("responsible", ["GOV"]),
    "XZ": ("township", ["GOV"]),
    "XZ1": ("responsible", ["XZ"]),
    "CZJ": ("finance", ["GOV"]),
    "ZFW": ("politics_law", []),
    "JW": ("discipline", []),
}
HOLIDAYS_2025 = [
    "2025-01-01",
    *(f"2025-01-{day}" for day in range(28, 32)),
    *(f"2025-02-0{day}" for day in range(1, 5)),
    *(f"2025-04-0{day}" for day in range(4, 7)),
    *(f"2025-05-0{day}" for day in range(1, 6)),
    "2025-05-31",
    "2025-06-01",
    "2025-06-02",
    *(f"2025-10-0{day}" for day in range(1, 9)),
]
MAKE_UP_2025 = ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]
HOLIDAYS_2026 = [
    *(f"2026-01-0{day}" for day in range(1, 4)),
    *(f"2026-02-{day}" for day in range(15, 24)),
    *(f"2026-04-0{day}" for day in range(4, 7)),
]
MAKE_UP_2026 = ["2026-01-04", "2026-02-14", "2026-02-28"]


class Stored(NamedTuple):
    """What a source delivers."""

    position: int
    subject: str
    sequence: int
    type: str
    raw: bytes


class MemorySource:
    """A ledger in memory, with the contract of a replay's source."""

    def __init__(self, events: list[Stored]) -> None:
        self._events = events

    def head(self) -> int:
        return self._events[-1].position if self._events else 0

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[Stored]:
        for event in self._events:
            within = event.position > after and (until is None or event.position <= until)
            if within and (types is None or event.type in types):
                yield event

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[Stored]:
        return (one for one in self.read(until=until) if one.subject == subject)


def at(moment: str) -> str:
    """`2025-03-03` → ten in the morning in Shanghai; `2025-03-03T10:00` gets the offset; else unchanged."""
    if len(moment) == 10:
        return f"{moment}T10:00:00+08:00"
    if len(moment) == 16:
        return f"{moment}:00+08:00"
    return moment


class History:
    """Writes events one after the other; every call is one recorded event and answers with its id."""

    def __init__(self, *, units: bool = True, calendars: bool = True) -> None:
        self.events: list[dict[str, Any]] = []
        self._sequences: dict[str, int] = {}
        self._clock = datetime(2025, 1, 1, tzinfo=UTC)
        if calendars:
            self.calendar(2025, HOLIDAYS_2025, MAKE_UP_2025)
            self.calendar(2026, HOLIDAYS_2026, MAKE_UP_2026)
        if units:
            for code, (kind, superiors) in UNITS.items():
                self.unit(code, kind, superiors)

    def add(
        self,
        name: str,
        moment: str,
        /,
        *,
        subject: str = CASE,
        by: tuple[str | None, str | None, str | None] = ("S-001", "XF", "clerk"),
        recorded: str | None = None,
        precision: str | None = None,
        imported: str | None = None,
        version: int = 1,
        **data: Any,
    ) -> str:
        """Record `name` (`case.received`) on a subject; `by` is staff, unit, role, None where unknown."""
        sequence = self._sequences[subject] = self._sequences.get(subject, 0) + 1
        self._clock += timedelta(seconds=1)
        stamp = recorded or self._clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = hashlib.sha256(f"{subject}/{sequence}/{len(self.events)}".encode()).hexdigest()
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{digest[:8]}-{digest[8:12]}-7{digest[12:15]}-8{digest[15:18]}-{digest[18:30]}",
            "source": "/500229/petition-office",
            "type": f"petition.{name}.v{version}",
            "subject": subject,
            "sequence": str(sequence),
            "time": at(moment),
            "recordedtime": stamp,
            "data": {key: value for key, value in data.items() if value is not None},
        }
        for attribute, value in zip(("actorid", "actorunit", "actorrole"), by, strict=True):
            if value is not None:
                event[attribute] = value
        if precision is not None:
            event["timeprecision"] = precision
        if imported is not None:
            event["importid"] = importid_of(imported)
        self.events.append(event)
        return str(event["id"])

    def unit(self, code: str, kind: str, superiors: list[str] | None = None, from_on: str | None = None) -> str:
        """Declare a unit."""
        return self.add(
            "register.unit_declared", "2025-01-01", subject=f"unit:{code}", by=("system", None, None),
            unit=code, name=code, kind=kind, superiors=superiors, from_on=from_on,
        )  # fmt: skip

    def calendar(self, year: int, holidays: list[str], workdays: list[str], *, provisional: bool = False) -> str:
        """Declare a year."""
        return self.add(
            "register.calendar_declared", "2025-01-01", subject=f"calendar:{year}", by=("system", None, None),
            year=year, holidays=holidays, workdays=workdays, notice="test", provisional=provisional,
        )  # fmt: skip

    def received(self, moment: str, *, unit: str | None = "XF", subject: str = CASE, **changes: Any) -> str:
        """The petition arrives; `changes` override the payload, None leaves a field out."""
        envelope = {key: changes.pop(key) for key in ("recorded", "precision", "imported") if key in changes}
        data = {"channel": "letter", "received_at": at(moment), "people_count": 1, "anonymous": False, **changes}
        return self.add("case.received", moment, subject=subject, by=("S-001", unit, "registrar"), **envelope, **data)

    def handed(self, moment: str, unit: str = "MZJ", ref: str = "ref:h1", **changes: Any) -> str:
        """One offer to one unit."""
        envelope = {
            key: changes.pop(key) for key in ("recorded", "precision", "imported", "by", "subject") if key in changes
        }
        data = {"mode": "transfer", "feedback_required": False, "to": [unit], "materials": [], **changes}
        return self.add("case.handoff_offered", moment, handoff=ref, unit=unit, **envelope, **data)

    def took(self, moment: str, unit: str = "MZJ", ref: str = "ref:h1", **changes: Any) -> str:
        """The unit receives the handoff."""
        changes.setdefault("by", ("S-100", unit, "clerk"))
        return self.add("case.handoff_received", moment, handoff=ref, unit=unit, materials_complete=True, **changes)

    def notified(self, moment: str, unit: str | None = "MZJ", notice: str = "acceptance", **changes: Any) -> str:
        """A written notice to the petitioner."""
        changes.setdefault("sent_at", at(moment))
        return self.add("case.petitioner_notified", moment, by=("S-100", unit, "handler"), notice=notice, **changes)

    def claim(self, moment: str, route: int | None = 6, **changes: Any) -> str:
        """Classified as a claim."""
        return self.add("case.routed", moment, purpose="claim", route=route, **changes)

    def accepted(self, moment: str, unit: str = "MZJ", **changes: Any) -> str:
        """Accepted by a unit."""
        return self.add("case.accepted", moment, by=("S-100", unit, "handler"), **changes)

    def opinion(self, moment: str, unit: str = "MZJ", **changes: Any) -> str:
        """The written opinion."""
        data = {"document": DOCUMENT, "result": "supported", "legal_basis": ["law"], "signed_by": "S-109", **changes}
        return self.add("case.opinion_issued", moment, by=("S-100", unit, "handler"), **data)

    def corrected(self, event_id: str, field: str, was: Any, now: Any, moment: str, subject: str = CASE) -> str:
        """A correction of an earlier event."""
        aggregate = {"XF": "case", "JZ": "grant"}.get(subject[:2], "fund")
        return self.add(
            f"{aggregate}.record_corrected", moment, subject=subject, event_id=event_id, field=field, was=was, now=now,
            reason="typing error", approved_by="S-009",
        )  # fmt: skip

    def stored(self) -> list[Stored]:
        """The history as stored events."""
        return [
            Stored(position, event["subject"], int(event["sequence"]), event["type"], canonical(event))
            for position, event in enumerate(self.events, start=1)
        ]

    def source(self) -> MemorySource:
        """The history as a source."""
        return MemorySource(self.stored())

    def run(self, day: str | None = None, **changes: Any) -> CheckRun:
        """Run the checks, on the happened clock at 24:00 of a day."""
        return run_checks(self.source(), asked(day, changes.pop("clock", "happened")), **changes)

    def findings(self, check: str, day: str | None = None, **changes: Any) -> list[Finding]:
        """What one check says; a check that failed fails the test."""
        only: tuple[Check, ...] = tuple(one for one in ALL_CHECKS if one.id == check)
        run = self.run(day, checks=only, **changes)
        assert run.failures == []
        return run.findings


def asked(day: str | None, clock: Clock = "happened") -> AsOf:
    """The question about a day, 24:00 of it in Shanghai."""
    return AsOf(clock, end_of_day(date.fromisoformat(day)) if day is not None else None)
