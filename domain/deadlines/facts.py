"""The facts of one case as the clocks read them: acts with their days, receipts, stops, objections, hearings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.calendar import day_of
from domain.corrections import as_first_recorded, corrected, was_corrected
from domain.deadlines.explanation import Act, StartFact
from domain.deadlines.register import UnitRegister
from domain.deadlines.rules import PETITION_KINDS

ARRIVAL_KINDS = frozenset({"arrival_stamp", "visit_log", "call_log", "web_log", "superior_system"})
"""Receipt evidence that shows arrival; a postmark is the day of sending and never counts."""

STOPPING_GROUNDS = {"petitioner_died": "died", "merged": "merged", "no_longer_accepted": "no_longer_accepted"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of the case: `index` in the order given, `kind` without prefix and version."""

    index: int
    kind: str
    event: Mapping[str, Any]

    @property
    def data(self) -> Mapping[str, Any]:
        """The payload."""
        payload: Mapping[str, Any] = self.event["data"]
        return payload

    @property
    def unit(self) -> str | None:
        """The acting unit, None when the record does not say."""
        return self.event.get("actorunit")

    def _instant(self, names: Sequence[str]) -> tuple[str, str, str]:
        for name in names:
            if isinstance(self.data.get(name), str):
                return f"{self.kind}/{name}", self.data[name], f"/{name}"
        return f"{self.kind}/time", self.event["time"], "/time"

    def act(self, *names: str, reason: str | None = None) -> Act:
        """The act with its own instant: the first of these payload fields that is there, else `time`."""
        what, instant, _ = self._instant(names)
        return Act(str(self.event.get("id", "")), what, instant, day_of(instant), reason)

    def start(self, *names: str) -> StartFact:
        """The same as the start of a clock."""
        what, instant, pointer = self._instant(names)
        moved = was_corrected(self.event, *(f"/{name}" for name in names), pointer)
        return StartFact(str(self.event.get("id", "")), what, instant, day_of(instant), moved)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All facts of one case, by kind, each list in the order given."""

    case: str
    by_kind: Mapping[str, list[Fact]]

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]], values: str = "corrected") -> CaseFacts:
        """Read one case's decoded events in clock order. `values`: `corrected`, or `first` as first recorded."""
        read = corrected(events) if values == "corrected" else as_first_recorded(events)
        by_kind: dict[str, list[Fact]] = {}
        for index, event in enumerate(read):
            kind = str(event["type"]).removeprefix("petition.").rsplit(".", 1)[0]
            by_kind.setdefault(kind, []).append(Fact(index, kind, event))
        return cls(str(read[0]["subject"]) if read else "", by_kind)

    def all(self, kind: str, /, **wanted: Any) -> list[Fact]:
        """The facts of one kind whose payload fields equal the wanted values."""
        facts = self.by_kind.get(f"case.{kind}", [])
        return [f for f in facts if all(f.data.get(name) == value for name, value in wanted.items())]

    def first(self, kind: str) -> Fact | None:
        """The first fact of one kind."""
        facts = self.all(kind)
        return facts[0] if facts else None


def receipt(received: Fact) -> StartFact:
    """Receipt R of the office: the evidence's instant when it shows arrival, else `received_at`."""
    evidence = received.data.get("receipt_evidence")
    if isinstance(evidence, Mapping) and evidence.get("kind") in ARRIVAL_KINDS and "at" in evidence:
        moved = was_corrected(received.event, "/receipt_evidence", "/receipt_evidence/at", "/receipt_evidence/kind")
        what, instant = f"{received.kind}/receipt_evidence/at", str(evidence["at"])
        return StartFact(str(received.event.get("id", "")), what, instant, day_of(instant), moved)
    return received.start("received_at")


def stops(facts: CaseFacts, after: int = -1) -> list[Act]:
    """Stopped: withdrawn with a document, died, merged, no longer accepted; later than a place."""
    found = [(f, "withdrawn") for f in facts.all("withdrawn") if "document" in f.data]
    found += [(f, "merged") for f in facts.all("merged")]
    found += [(f, "no_longer_accepted") for f in facts.all("disposed", kind="no_longer_accepted")]
    found += [(f, "no_longer_accepted") for f in facts.all("petitioner_notified", notice="no_longer_accepted")]
    found += [(f, STOPPING_GROUNDS.get(str(f.data.get("ground")), "")) for f in facts.all("closed")]
    own = {"case.petitioner_notified": ("sent_at", "delivered_at")}
    return [f.act(*own.get(f.kind, ()), reason=reason) for f, reason in found if reason and f.index > after]


def unsure_stops(facts: CaseFacts, register: UnitRegister, after: int = -1) -> list[Act]:
    """Withdrawals of an imported history without a document: it may have been there (`cannot_tell`)."""
    bare = [f for f in facts.all("withdrawn") if "document" not in f.data and f.index > after]
    return [f.act(reason="document") for f in bare if register.may_be_unknown(f.event)]


def withdrawal_notes(facts: CaseFacts, register: UnitRegister) -> list[str]:
    """A withdrawal without a document stops nothing; in an imported history the document may be unknown."""
    bare = [f for f in facts.all("withdrawn") if "document" not in f.data]
    if any(register.may_be_unknown(f.event) for f in bare):
        return ["withdrawal_document_unknown"]
    return ["withdrawn_without_document"] if bare else []


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection of a unit to a handoff; `upheld` is None while undecided or where the record is silent."""

    objected: Act
    decided: Act | None = None
    upheld: bool | None = None

    @property
    def pending(self) -> bool:
        """Whether no decision is known."""
        return self.upheld is None


def objections(facts: CaseFacts, handoff: str, unit: str) -> list[Objection]:
    """A unit's objections to one handoff; a decision is of the first objection that still waits for one."""
    made = facts.all("handoff_objected", handoff=handoff, unit=unit)
    decided: dict[int, Fact] = {}
    for decision in facts.all("objection_decided", handoff=handoff, unit=unit):
        waiting = [fact.index for fact in made if fact.index < decision.index and fact.index not in decided]
        if waiting:
            decided[waiting[0]] = decision
    return [
        Objection(fact.act(), own.act(), own.data.get("upheld"))
        if (own := decided.get(fact.index))
        else Objection(fact.act())
        for fact in made
    ]


@dataclass(frozen=True, slots=True)
class UnitReceipt:
    """A unit received the matter: directly (`handoff` None) or by a handoff."""

    unit: str | None
    handoff: str | None
    start: StartFact


def unit_receipts(facts: CaseFacts, register: UnitRegister, receiver_kind: str | None = None) -> list[UnitReceipt]:
    """Receipts by units that are not known to be petition offices, direct one first, then in the order given.

    `receiver_kind` stands in for the receiving office's kind where the register does not hold it.
    """
    answer = []
    received = facts.first("received")
    if received:
        start = received.start("received_at")
        kind = register.kind(received.unit, start.day) or receiver_kind
        if kind not in PETITION_KINDS:
            answer.append(UnitReceipt(received.unit, None, start))
    for fact in first_of_each(facts, "handoff_received"):
        unit, handoff = str(fact.data["unit"]), str(fact.data["handoff"])
        start = fact.start("arrived_at")
        if register.kind(unit, start.day) not in PETITION_KINDS:
            answer.append(UnitReceipt(unit, handoff, start))
    return answer


def first_of_each(facts: CaseFacts, kind: str) -> list[Fact]:
    """The first fact of a kind for each handoff and unit; what names neither is of none."""
    first: dict[tuple[Any, Any], Fact] = {}
    for fact in facts.all(kind):
        if "handoff" in fact.data and "unit" in fact.data:
            first.setdefault((fact.data["handoff"], fact.data["unit"]), fact)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class Hearing:
    """A hearing from the day it opened to the day it closed, both inclusive; open ones last to the as-of day."""

    opened: Act
    closed: Act | None
    index: int

    def days(self, as_of: date, start: date = date.min) -> set[date]:
        """Its calendar days, from `start` on."""
        last = self.closed.day if self.closed else as_of
        first = max(self.opened.day, start)
        return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def hearings(facts: CaseFacts) -> list[Hearing]:
    """The hearings of a case, in the order opened."""
    answer = []
    for fact in facts.all("hearing_opened"):
        closings = facts.all("hearing_closed", hearing=fact.data.get("hearing"))
        answer.append(Hearing(fact.act(), closings[0].act() if closings else None, fact.index))
    return answer
