"""The clean year opened for planting: cases as lists of actions, each changed at most once and on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from domain.calendar import day_of, rdue
from domain.checks.base import Text
from infra.reference_year.generator import generate
from infra.reference_year.offices import OFFICE, Offices
from infra.reference_year.story import digest
from infra.reference_year.working_time import WorkingTime, official_calendar

Action = dict[str, Any]
NAMING_FIELDS = ("repeat_of", "linked_to", "into")
HANDLING_DAYS = 60
LAST_DAYS = timedelta(days=10)  # what counts as shortly before a due day
ROOM = timedelta(days=25)
ENDED_FROM_MONTH = 6  # from then on there are cases that were decided and closed long enough
QUIET_DAYS = 40  # ended longer ago than any check on repeated matters looks back


@dataclass(frozen=True, slots=True)
class ByProduct:
    """Another finding that truly follows from a plant, and why."""

    check: str
    reason: str
    why: Text


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted violation: which of the sixteen ways, and which finding must show it.

    `subject` is a ref of the action file (`ref:A0012`), `staff:…`, `unit:…`, `figure:…` or `ledger`; `cases` are
    the refs of the cases that were changed for it. In an `item` a ref stands for the number that the ledger gives.
    """

    way: int
    check: str
    reason: str
    subject: str
    changed: Text
    item: str = ""
    also: tuple[ByProduct, ...] = ()
    cases: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, str, str, str, str]:
        """The stable order of the list."""
        return (self.way, self.check, self.reason, self.subject, self.item)

    def to_json(self) -> dict[str, Any]:
        """One line of the machine-readable list."""
        return {
            "way": self.way,
            "check": self.check,
            "reason": self.reason,
            "subject": self.subject,
            "item": self.item,
            "cases": list(self.cases),
            "changed": {"zh": self.changed.zh, "en": self.changed.en},
            "also": [
                {"check": one.check, "reason": one.reason, "why": {"zh": one.why.zh, "en": one.why.en}}
                for one in self.also
            ],
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """A later correction of a recorded event, named by the action that it came from."""

    case: str
    action_id: str
    field: str
    was: str
    now: str
    at: datetime
    staff: str
    unit: str
    approved_by: str


def moment(action: Action) -> datetime:
    """When an action happened."""
    return datetime.fromisoformat(action["at"])


class CaseDraft:
    """One case of the clean year; every change is a small one of its actions."""

    def __init__(self, year: YearDraft, ref: str, actions: list[Action]) -> None:
        self.year = year
        self.ref = ref
        self.actions = actions
        self._added = 0

    def all(self, *names: str) -> list[Action]:
        """The actions of some names, in order of time."""
        return [action for action in self.actions if action["action"] in names]

    def first(self, name: str) -> Action:
        """The first action of a name; LookupError where there is none."""
        return self.all(name)[0]

    def last(self, name: str) -> Action:
        """The last action of a name; LookupError where there is none."""
        return self.all(name)[-1]

    def has(self, *names: str) -> bool:
        """Whether there is an action of one of these names."""
        return bool(self.all(*names))

    def notices(self, unit: str) -> list[Action]:
        """The notices of one unit."""
        return [action for action in self.all("notify_petitioner") if action["by"]["unit"] == unit]

    @property
    def receipt_day(self) -> date:
        """The office's day of receipt: the evidence's own, unless it is a postmark."""
        receipt = self.first("receive_petition")
        evidence = receipt["receipt_evidence"]
        return day_of(receipt["received_at"] if evidence["kind"] == "postmark" else evidence["at"])

    @property
    def receiver(self) -> str:
        """The unit that the petitioner came to."""
        return str(self.first("receive_petition")["by"]["unit"])

    @property
    def unit(self) -> str:
        """The unit that accepted."""
        return str(self.first("accept_case")["by"]["unit"])

    @property
    def unit_receipt_day(self) -> date:
        """Day 0 of the accepting unit's notice."""
        mine = [one for one in self.all("receive_handoff") if one["by"]["unit"] == self.unit]
        return day_of(mine[-1]["arrived_at"]) if mine else self.receipt_day

    @property
    def accepted_on(self) -> date:
        """Day 0 of the sixty days."""
        return day_of(self.first("accept_case")["at"])

    @property
    def due(self) -> date:
        """The last of the sixty days, without extension."""
        return self.year.limit(self.accepted_on, HANDLING_DAYS)

    def move(self, action: Action, at: datetime) -> None:
        """Another instant of an act, its own instants and its entry moving with it."""
        old, shift = action["at"], at - moment(action)
        action["at"] = at.isoformat()
        action["entered_at"] = (datetime.fromisoformat(action["entered_at"]) + shift).isoformat()
        for name in ("received_at", "arrived_at", "sent_at", "delivered_at"):
            if name in action and (action[name] == old or name in ("sent_at", "delivered_at")):
                action[name] = (datetime.fromisoformat(action[name]) + shift).isoformat()
        self.staffed(action)
        self.sort()

    def staffed(self, action: Action) -> None:
        """Somebody else of the same unit and role acts where the one who did no longer serves, or not yet."""
        by = action["by"]
        serving = [one.staff for one in self.year.offices.serving(by["unit"], by["role"], moment(action).date())]
        if by["staff"] not in serving:
            action["by"] = {**by, "staff": serving[0]}

    def move_all(self, actions: Iterable[Action], days: int) -> None:
        """Some acts later by a number of days, on working days, in the order in which they stood."""
        before: datetime | None = None
        for action in sorted(actions, key=moment):
            at = moment(action) + timedelta(days=days)
            while not self.year.calendar.is_workday(at.date()):
                at += timedelta(days=1)
            if before is not None and at <= before:
                at = before + timedelta(minutes=5)
            self.move(action, at)
            before = at

    def drop(self, actions: Iterable[Action]) -> None:
        """These acts never happened, or at least were never recorded."""
        out = {id(action) for action in actions}
        self.actions = [action for action in self.actions if id(action) not in out]

    def drop_named(self, *names: str) -> None:
        """No act of these names."""
        self.drop(self.all(*names))

    def after(self, at: datetime) -> list[Action]:
        """The acts later than an instant."""
        return [action for action in self.actions if moment(action) > at]

    def add(self, action: str, at: datetime, unit: str, role: str, /, **fields: Any) -> Action:
        """One more act, entered a few minutes later, by somebody of the unit in that role."""
        self._added += 1
        staff = self.year.offices.serving(unit, role, at.date())[0].staff
        entry: Action = {
            "action": action,
            "action_id": f"MY/{self.ref.removeprefix('ref:')}/{self._added:02d}",
            "at": at.isoformat(),
            "entered_at": (at + timedelta(minutes=6)).isoformat(),
            "by": {"staff": staff, "unit": unit, "role": role},
            "case": self.ref,
        }
        entry |= {name: value for name, value in fields.items() if value is not None}
        self.actions.append(entry)
        self.sort()
        return entry

    def document(self, name: str, *, personal: bool = False) -> str:
        """The digest of one more invented document of this case."""
        return f"{'hmac' if personal else 'sha256'}:{digest('manufactured', self.year.seed, self.ref, name)}"

    def sort(self) -> None:
        """Keep the acts in order of time."""
        self.actions.sort(key=moment)


@dataclass
class YearDraft:
    """The clean year in cases and the rest, and what was planted in it so far."""

    seed: int
    plants: list[Plant] = field(default_factory=list)
    waiting: list[Plant] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.calendar = official_calendar()
        self.offices = Offices()
        self.rng = Random(f"{self.seed}/manufactured")
        self.time = WorkingTime(self.calendar, self.rng)
        self.cases: dict[str, CaseDraft] = {}
        self.grants: dict[str, list[Action]] = {}
        self.rest: list[Action] = []
        self.used: set[str] = set()
        self.slow_staff: set[str] = set()
        self._open()

    def _open(self) -> None:
        named: set[str] = set()
        for action in generate(self.seed):
            if "grant" in action and "action_id" in action:
                self.grants.setdefault(action["grant"], []).append(action)
            elif "case" in action:
                draft = self.cases.setdefault(action["case"], CaseDraft(self, action["case"], []))
                draft.actions.append(action)
            else:
                self.rest.append(action)
            named |= {action[name] for name in NAMING_FIELDS if name in action}
        (declared,) = [action for action in self.rest if action["action"] == "declare_cutover"]
        self.cutover = moment(declared)
        self.relieved = {actions[0]["case"]: ref for ref, actions in self.grants.items() if "case" in actions[0]}
        self.entangled = named | set(self.relieved)

    def actions(self) -> Iterator[Action]:
        """Everything, sorted by instant; acts of one instant in the order of their own story."""
        all_actions = [*self.rest]
        for draft in self.cases.values():
            all_actions += draft.actions
        for actions in self.grants.values():
            all_actions += actions
        all_actions.sort(key=moment)
        yield from all_actions

    def limit(self, day: date, n: int) -> date:
        """Last day of a limit of calendar days."""
        return rdue(self.calendar, day, n)

    def workday(self, day: date, n: int) -> date:
        """The n-th working day after a day."""
        return self.calendar.add_workdays(day, n)

    def on(self, day: date) -> datetime:
        """Some instant of office hours of the day, or of the last working day before it."""
        return self.time.on_day(self.time.back_to_workday(day))

    def shortly_before(self, due: date, days: int = 5) -> datetime:
        """Some days before a due day; over long holidays the last working day before it."""
        day = self.time.back_to_workday(due - timedelta(days=days))
        if due - day > LAST_DAYS:
            day = self.time.back_to_workday(due - timedelta(days=1))
        return self.time.on_day(day)

    def is_over_early(self, draft: CaseDraft) -> bool:
        """Whether all its days lie so far before the cutover that a plant may let it run on."""
        due = [date.fromisoformat(one["due_on"]) for one in draft.all("hand_over") if "due_on" in one]
        return max([moment(draft.actions[-1]).date(), *due]) < self.cutover.date() - ROOM

    def head(self, unit: str, day: date) -> str:
        """The head of a unit that day."""
        return self.offices.head(unit, day)

    def is_plain(self, draft: CaseDraft) -> bool:
        """An open, ordinary case that no other case and no grant hangs on."""
        receipt = draft.first("receive_petition")
        register = draft.first("register_petition")
        return (
            draft.ref not in self.entangled
            and not receipt["restricted"]
            and not receipt["urgent"]
            and "repeat_of" not in register
            and not draft.has("take_measure", "decide_recusal", "supervise")
        )

    def take(self, count: int, fits: Callable[[CaseDraft], bool], *, plain: bool = True) -> list[CaseDraft]:
        """Some cases that fit and that nothing was planted in; LookupError where they are too few."""
        refs = sorted(ref for ref in self.cases if ref not in self.used)
        found = [
            draft
            for draft in (self.cases[ref] for ref in refs)
            if (not plain or self.is_plain(draft)) and self.is_over_early(draft) and fits(draft)
        ]
        if len(found) < count:
            raise LookupError(f"{count} cases wanted, {len(found)} fit")
        chosen = self.rng.sample(found, count)
        self.used |= {draft.ref for draft in chosen}
        return chosen

    def plant(
        self,
        way: int,
        check: str,
        reason: str,
        subject: str,
        changed: Text,
        *,
        item: str = "",
        also: tuple[ByProduct, ...] = (),
        cases: Iterable[CaseDraft] = (),
    ) -> None:
        """Note what was planted; a case that is the subject is one of the changed cases."""
        changed_refs = [draft.ref for draft in cases]
        if subject.startswith("ref:"):
            changed_refs.append(subject)
        self.plants.append(Plant(way, check, reason, subject, changed, item, also, tuple(sorted(set(changed_refs)))))


def is_simple_claim(draft: CaseDraft) -> bool:
    """A claim that came to the office, went to one unit by one handoff, and ended with a delivered opinion."""
    return (
        draft.receiver == OFFICE
        and len(draft.all("hand_over")) == 1
        and len(draft.first("hand_over")["to"]) == 1
        and draft.has("accept_case")
        and len(draft.all("issue_opinion")) == 1
        and not draft.has(
            "extend", "request_review", "return_for_rework", "object_to_handoff", "open_hearing", "advise"
        )
    )


def name_ended_case(year: YearDraft, draft: CaseDraft, action: str, field_name: str) -> CaseDraft:
    """Let an act name, as the same matter, a claim that was decided, delivered and closed weeks before this receipt."""
    before = moment(draft.first("receive_petition")) - timedelta(days=QUIET_DAYS)
    (base,) = year.take(1, lambda one: is_simple_claim(one) and moment(one.last("close_case")) < before)
    draft.first(action)[field_name] = base.ref
    receipt, told = draft.first("receive_petition"), base.first("receive_petition")
    draft.first("register_petition")["content_class"] = base.first("register_petition")["content_class"]
    receipt.pop("about_units", None)
    if "about_units" in told:
        receipt["about_units"] = list(told["about_units"])
    return base
