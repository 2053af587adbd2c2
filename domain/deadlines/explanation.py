"""A clock of the law as an explanation: from which fact, which days, until when, stopped by what."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from domain.deadlines.rules import RULES, Unit

Status = Literal["running", "met", "late", "late_open", "stopped", "not_started", "cannot_tell"]
Certainty = Literal["certain", "probable"]

LOWERING = frozenset(
    {
        "hearing_days",
        "hearing_open",
        "never_accepted",
        "no_route",
        "objection_rejected",
        "line_unknown",
        "provisional_calendar",
        "start_from_request",
    }
)
"""Notes that leave the answer probable instead of certain."""


@dataclass(frozen=True, slots=True)
class StartFact:
    """The fact that starts a clock. `day` is day 0; `what` names event and field; `instant` is as recorded."""

    event_id: str
    what: str
    instant: str
    day: date
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """An act that ends a clock: by fulfilling the duty (no `reason`) or by taking it away (`reason`)."""

    event_id: str
    what: str
    instant: str
    day: date
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring days, first and last inclusive, counted or left out for one reason."""

    first: date
    last: date
    counted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock of one case, as it stands at the end of the day `as_of`.

    `due_unrolled` and `due` are the last day before and after rolling over days off. `item` tells clocks of one
    rule and unit apart (handoff ref, round of handling, review request). `missing` names facts that the ledger
    does not hold. Days are days in Asia/Shanghai.
    """

    rule: str
    case: str
    as_of: date
    status: Status
    who: str | None = None
    item: str | None = None
    start: StartFact | None = None
    limit: int | None = None
    runs: tuple[Run, ...] = ()
    extension_days: int = 0
    extension_ids: tuple[str, ...] = ()
    hearing_days: int = 0
    hearing_ids: tuple[str, ...] = ()
    calendar: str = ""
    provisional: bool = False
    due_unrolled: date | None = None
    due: date | None = None
    act: Act | None = None
    reason: str | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def article(self) -> str:
        """Article of 《信访工作条例》, with paragraph and item where the rule stands in one."""
        return RULES[self.rule].article

    @property
    def unit(self) -> Unit:
        """What is counted."""
        return RULES[self.rule].unit

    @property
    def informational(self) -> bool:
        """True for a petitioner's right, which nothing is ever held against."""
        return RULES[self.rule].informational

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names this clock among all others, and stays when facts are corrected."""
        return (self.case, self.rule, self.who or "", self.item or "")

    @property
    def is_late(self) -> bool:
        """Whether the act came after the due day, or the due day passed without it."""
        return self.status in ("late", "late_open")

    @property
    def certainty(self) -> Certainty:
        """`probable` where a presumption, a parameter or a provisional calendar is behind the answer."""
        return "probable" if self.provisional or LOWERING.intersection(self.notes) else "certain"

    @property
    def days_left(self) -> int | None:
        """Calendar days from the as-of day to the due day, while the clock runs."""
        if self.status != "running" or self.due is None:
            return None
        return (self.due - self.as_of).days

    @property
    def days_late(self) -> int | None:
        """Calendar days from the due day to the act, or to the as-of day while nothing was done."""
        if not self.is_late or self.due is None:
            return None
        return ((self.act.day if self.act else self.as_of) - self.due).days

    def sentence(self, lang: str = "zh") -> str:
        """The explanation as prose, Chinese (`zh`) or English (`en`)."""
        from domain.deadlines.sentences import sentence

        return sentence(self, lang)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; days as YYYY-MM-DD, what is unknown or does not apply is absent."""
        derived = ("article", "unit", "informational", "certainty", "days_left", "days_late")
        answer = {name: getattr(self, name) for name in (*(f.name for f in fields(self)), *derived)}
        answer["sentence"] = {"zh": self.sentence("zh"), "en": self.sentence("en")}
        plain = {name: _plain(value) for name, value in answer.items()}
        return {name: value for name, value in plain.items() if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StartFact | Act | Run):
        pairs = ((f.name, _plain(getattr(value, f.name))) for f in fields(value))
        return {name: item for name, item in pairs if item is not None}
    return value
