"""One subject's story while it is told: its clock, its actors, its documents and its actions so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from domain.calendar import Calendar, rdue
from infra.reference_year.offices import CONTENT_CLASSES, TOWNSHIPS, Offices
from infra.reference_year.plan import Slot
from infra.reference_year.working_time import WorkingTime, in_hours

UNHURRIED = frozenset(
    {"assign_handler", "hear_facts", "investigate", "close_case", "rate", "archive_case", "book_payment"}
)
NEXT_DAY_SHARE = 0.2
OUTSIDE_ENTRY_WORKDAYS = 8  # proofs of delivery come back later; two days under the limit of the checks


def digest(*parts: object) -> str:
    """64 hexadecimal digits that stand for the bytes of one invented document."""
    return sha256("/".join(str(part) for part in parts).encode()).hexdigest()


@dataclass
class World:
    """What the stories share: the seed, the roster, the calendar, and the cases told so far."""

    seed: int
    offices: Offices
    calendar: Calendar
    told: list[Case] = field(default_factory=list)
    visits: dict[tuple[date, str], int] = field(default_factory=dict)
    advised: int = 0


class Story:
    """Collects the actions of one subject in order of time; `now` is the instant of the last act."""

    def __init__(self, world: World, ref: str, subject: str) -> None:
        self.world = world
        self.ref = ref
        self.subject = subject
        self.rng = Random(f"{world.seed}/{ref}")
        self.time = WorkingTime(world.calendar, self.rng)
        self.now: datetime
        self.actions: list[dict[str, Any]] = []
        self.recused: set[str] = set()
        self._posts: dict[tuple[str, str], str] = {}

    def document(self, name: str) -> str:
        """The digest of an official document of this subject."""
        return f"sha256:{digest(self.world.seed, self.ref, name)}"

    def personal_document(self, name: str) -> str:
        """The tag of a document with personal content of this subject."""
        return f"hmac:{digest('personal', self.world.seed, self.ref, name)}"

    def staff(self, unit: str, role: str, day: date) -> str:
        """Who holds the post in this story; the same member as long as the member serves and is not recused."""
        serving = [official.staff for official in self.world.offices.serving(unit, role, day, self.recused)]
        chosen = self._posts.get((unit, role))
        if chosen not in serving:
            chosen = self.rng.choice(serving)
            self._posts[unit, role] = chosen
        return chosen

    def head(self, unit: str) -> str:
        """The head of a unit on the day of the last act."""
        return self.world.offices.head(unit, self.now.date())

    def act(
        self,
        action: str,
        at: datetime,
        unit: str,
        role: str,
        /,
        *,
        acting: str | None = None,
        entered: datetime | None = None,
        **fields: Any,
    ) -> str:
        """Append an action; fields that are None are left out. Answers who acted; ValueError when time runs back."""
        if self.actions and at < self.now:
            raise ValueError(f"{self.ref}: {action} at {at} before {self.now}")
        self.now = at
        who = acting or self.staff(unit, role, at.date())
        entry: dict[str, Any] = {
            "action": action,
            "action_id": f"CY/{self.ref.removeprefix('ref:')}/{len(self.actions) + 1:02d}",
            "at": at.isoformat(),
            "entered_at": (entered or self._entry(action, at)).isoformat(),
            "by": {"staff": who, "unit": unit, "role": role},
            self.subject: self.ref,
        }
        entry |= {name: value for name, value in fields.items() if value is not None}
        self.actions.append(entry)
        return who

    def _entry(self, action: str, at: datetime) -> datetime:
        """What stops a clock is entered the same day; the rest now and then on the next working day."""
        if not in_hours(at) or not self.world.calendar.is_workday(at.date()):
            return self.time.soon(at)
        if action in UNHURRIED and self.rng.random() < NEXT_DAY_SHARE:
            return self.time.workdays_later(at, 1, 1)
        return at + timedelta(minutes=self.rng.randint(1, 20))

    def actions_named(self, action: str) -> list[dict[str, Any]]:
        """The actions of one name so far, in order of time."""
        return [entry for entry in self.actions if entry["action"] == action]

    def proof_entry(self, at: datetime, arrived: datetime) -> datetime:
        """When an outside fact is entered: after the proof is back, within its own limit of working days."""
        latest = self.world.calendar.add_workdays(at.date(), OUTSIDE_ENTRY_WORKDAYS)
        return self.time.workdays_later(arrived, 0, 2, max(latest, arrived.date()))


class Case(Story):
    """The story of one petition, with what its chapters must know of each other."""

    def __init__(self, world: World, slot: Slot) -> None:
        super().__init__(world, slot.ref, "case")
        self.slot = slot
        self.now = slot.received_at
        self.receiver = "XF"
        self.unit = "XF"
        self.petitioner = f"p{digest('petitioner', world.seed, slot.ref)[:20]}"
        self.content_class = ""
        self.region = "500229"
        self.about_units: list[str] = []
        self.unit_received_on = slot.received_at.date()
        self.accepted_on: date | None = None
        self.opinion_issued_at: datetime | None = None
        self.review_ended_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.feedback_owed: list[tuple[str, str]] = []
        self.handoffs = 0
        self.repeated = False
        self._choose_matter()

    def _choose_matter(self) -> None:
        """A content class; of one day's visits never three of one class at the office's desk."""
        classes = sorted(CONTENT_CLASSES)
        day = self.slot.received_at.date()
        choice = self.rng.choice(classes)
        if self.slot.channel == "visit":
            free = [name for name in classes if self.world.visits.get((day, name), 0) < 2]
            choice = choice if choice in free else self.rng.choice(free)
            self.world.visits[day, choice] = self.world.visits.get((day, choice), 0) + 1
        self.content_class = choice
        if self.has("complained_unit"):
            self.about_units = [self.rng.choice(sorted(TOWNSHIPS))]

    def has(self, trait: str) -> bool:
        """Whether the plan gave this item a trait."""
        return trait in self.slot.traits

    @property
    def anonymous(self) -> bool:
        """Whether nobody can be notified."""
        return self.has("anonymous")

    @property
    def received_on(self) -> date:
        """Day of the receipt of the office or unit: day 0 of its own limits."""
        return self.slot.received_at.date()

    def limit(self, day: date, n: int) -> date:
        """Last day of a limit of `n` calendar days, by the declared calendars."""
        return rdue(self.world.calendar, day, n)

    def responsible_unit(self) -> str:
        """The bureau whose field the matter lies in."""
        return CONTENT_CLASSES[self.content_class]
