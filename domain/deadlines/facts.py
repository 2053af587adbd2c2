"""The facts of one case as the clocks read them: acts with their days, receipts, stops, objections, hearings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from domain.calendar import day_of
from domain.corrections import as_first_recorded, corrected, was_corrected
from domain.deadlines.explanation import Act, StartFact
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


@dataclass(frozen=True, slots=True)
class UnitRegister:
    """Kinds and superiors of the declared units; what was never declared is unknown."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    superiors: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def from_events(cls, events: Iterable[Mapping[str, Any]], on: date | None = None) -> UnitRegister:
        """Take the `unit_declared` events, corrected; of a unit the last declaration counts.

        With `on`, declarations whose `from_on` lies after that day are left out.
        """
        kinds: dict[str, str] = {}
        superiors: dict[str, tuple[str, ...]] = {}
        for event in corrected(events):
            if event["type"] == "petition.register.unit_declared.v1":
                data = event["data"]
                if on is not None and data.get("from_on", "") > on.isoformat():
                    continue
                unit = data.get("unit") or event["subject"].removeprefix("unit:")
                superiors[unit] = tuple(data.get("superiors", ()))
                if "kind" in data:
                    kinds[unit] = data["kind"]
        return cls(kinds, superiors)

    def is_above(self, upper: str, lower: str) -> bool:
        """Whether `upper` is reached from `lower` along superiors; cycles end the search."""
        seen: set[str] = set()
        waiting = list(self.superiors.get(lower, ()))
        while waiting:
            unit = waiting.pop()
            if unit == upper:
                return True
            if unit not in seen:
                seen.add(unit)
                waiting += self.superiors.get(unit, ())
        return False

    def on_one_line(self, one: str, other: str) -> bool:
        """Whether one of the two is above the other."""
        return self.is_above(one, other) or self.is_above(other, one)


def receipt(received: Fact) -> StartFact:
    """Receipt R of the office: the evidence's instant when it shows arrival, else `received_at` (checks §3)."""
    evidence = received.data.get("receipt_evidence")
    if isinstance(evidence, Mapping) and evidence.get("kind") in ARRIVAL_KINDS and "at" in evidence:
        moved = was_corrected(received.event, "/receipt_evidence", "/receipt_evidence/at", "/receipt_evidence/kind")
        what, instant = f"{received.kind}/receipt_evidence/at", str(evidence["at"])
        return StartFact(str(received.event.get("id", "")), what, instant, day_of(instant), moved)
    return received.start("received_at")


def stops(facts: CaseFacts) -> list[Act]:
    """Stopped: withdrawn with a document, died, merged, no longer accepted (checks §3)."""
    acts = [f.act(reason="withdrawn") for f in facts.all("withdrawn") if "document" in f.data]
    acts += [f.act(reason="merged") for f in facts.all("merged")]
    acts += [f.act(reason="no_longer_accepted") for f in facts.all("disposed", kind="no_longer_accepted")]
    for fact in facts.all("closed"):
        reason = STOPPING_GROUNDS.get(str(fact.data.get("ground")))
        if reason:
            acts.append(fact.act(reason=reason))
    return acts


def withdrawal_notes(facts: CaseFacts) -> list[str]:
    """A withdrawal without a document stops nothing; in an imported record the document may be unknown."""
    bare = [f for f in facts.all("withdrawn") if "document" not in f.data]
    if any("importid" in f.event for f in bare):
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
    """A unit's objections to one handoff, each with the first decision that follows it."""
    made = facts.all("handoff_objected", handoff=handoff, unit=unit)
    decisions = facts.all("objection_decided", handoff=handoff, unit=unit)
    answer = []
    for number, fact in enumerate(made):
        until = made[number + 1].index if number + 1 < len(made) else None
        own = [d for d in decisions if d.index > fact.index and (until is None or d.index < until)]
        if own:
            answer.append(Objection(fact.act(), own[0].act(), own[0].data.get("upheld")))
        else:
            answer.append(Objection(fact.act()))
    return answer


@dataclass(frozen=True, slots=True)
class UnitReceipt:
    """A unit received the matter: directly (`handoff` None) or by a handoff; `joint` = one of several competent."""

    unit: str | None
    handoff: str | None
    start: StartFact
    joint: bool = False


def unit_receipts(facts: CaseFacts, register: UnitRegister, receiver_kind: str | None = None) -> list[UnitReceipt]:
    """Receipts by units that are not known to be petition offices, direct one first, then in the order given.

    `receiver_kind` stands in for the receiving office's kind where the register does not hold it.
    """
    answer = []
    received = facts.first("received")
    if received:
        kind = register.kinds.get(received.unit or "", receiver_kind or "")
        if kind not in PETITION_KINDS:
            answer.append(UnitReceipt(received.unit, None, received.start("received_at")))
    joint = {str(f.data.get("handoff")) for f in facts.all("handoff_offered", joint=True)}
    for fact in facts.all("handoff_received"):
        unit, handoff = str(fact.data.get("unit", "")), str(fact.data.get("handoff", ""))
        if register.kinds.get(unit) not in PETITION_KINDS:
            answer.append(UnitReceipt(unit, handoff, fact.start("arrived_at"), handoff in joint))
    return answer


@dataclass(frozen=True, slots=True)
class Hearing:
    """A hearing from the day it opened to the day it closed, both inclusive; open ones last to the as-of day."""

    opened: Act
    closed: Act | None
    index: int

    def days(self, as_of: date) -> set[date]:
        """Its calendar days."""
        last = self.closed.day if self.closed else as_of
        return {self.opened.day + timedelta(days=n) for n in range((last - self.opened.day).days + 1)}


def hearings(facts: CaseFacts) -> list[Hearing]:
    """The hearings of a case, in the order opened."""
    answer = []
    for fact in facts.all("hearing_opened"):
        closings = facts.all("hearing_closed", hearing=fact.data.get("hearing"))
        answer.append(Hearing(fact.act(), closings[0].act() if closings else None, fact.index))
    return answer
