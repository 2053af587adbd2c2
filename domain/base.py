"""What every action, fact and aggregate of the ledger has in common, and what a decision may ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar

import msgspec
from pydantic import ConfigDict, Field

from domain.errors import InvalidAction
from domain.event import Event
from domain.fields import ActionId, Closed, Code, Instant, Known, LiveField, Maybe, Role, Text

if TYPE_CHECKING:
    from domain.case.case import Case
    from domain.fund import Fund
    from domain.grant import Grant

GuardName = Literal["duties", "approval", "funds", "cap", "once", "leak", "recused"]

ENVELOPE_KEYS = frozenset({"action", "action_id", "at", "at_precision", "entered_at", "by"})


class By(Closed):
    """The official who acted; the recorder is added by the ledger and cannot be claimed."""

    staff: Known[Code]
    unit: Known[Code]
    role: Known[Role]


class Override(Closed):
    """Guards knowingly passed over, only those named."""

    guards: Annotated[list[GuardName], Field(min_length=1, max_length=20)]
    reason: Text
    approved_by: Code


class Fact(Closed):
    """The payload of one event type: a closed model with a required, permanent type name."""

    model_config = ConfigDict(title=None)
    type_name: ClassVar[str] = ""
    override: Maybe[Override]

    def apply(self, state: Any, event: Event) -> None:
        """Evolve the aggregate's decision state; most facts matter to views only."""


class Aggregate(msgspec.Struct):
    """The decision state of one subject: what refusals and guards need, nothing more.

    A mutable aggregate of the library's protocol (`id`, `version`). States are plain structs, so that a
    snapshot is their JSON and a bad one can always be thrown away and replayed.
    """

    id: str
    version: int = 0


class Draft(NamedTuple):
    """A decided event before the ledger numbers, stamps and encodes it."""

    state: Aggregate
    fact: type[Fact]
    extra: dict[str, Any] = {}
    only: frozenset[str] | None = None
    """When given, only these of the action's fields are copied into the payload."""
    case: str | None = None
    """The case of an event on another subject, where the drafted states do not name it."""


class Desk(Protocol):
    """What a decision may look up inside the write section."""

    history: bool

    def case(self, name: str, field: str = "case") -> Case: ...
    def grant(self, name: str, field: str = "grant") -> Grant: ...
    def fund(self, name: str, field: str = "fund") -> Fund: ...
    def register(self, subject: str) -> Aggregate: ...
    def new_case(self, year: int) -> Case: ...
    def new_grant(self, year: int) -> Grant: ...
    def new_fund(self, ref: str) -> Fund: ...
    def claim(self, kind: str, ref: str) -> None: ...
    def events_of(self, subject: str) -> list[Event]: ...
    def superiors_of(self, unit: str) -> set[str]: ...
    def is_head(self, staff: str, at: str) -> bool: ...
    def matter_of(self, case: str) -> set[str]: ...
    def grants_of_cases(self, cases: Iterable[str]) -> list[Grant]: ...
    def grants_of_beneficiary(self, ref: str | None, tag: str | None) -> list[Grant]: ...
    def tag(self, field: str, value: str) -> str | None: ...


class Action(Closed):
    """One act as the sender states it; `decide` answers with events or raises a typed refusal."""

    model_config = ConfigDict(title=None)
    subject_key: ClassVar[str] = ""
    facts: ClassVar[tuple[type[Fact], ...]] = ()
    system_only: ClassVar[bool] = False
    claims: ClassVar[str | None] = None
    """The field whose ref the action gives for the first time; the field's name is the ref's kind."""

    action: str
    action_id: ActionId
    at: Instant
    at_precision: Maybe[Literal["day"]]
    entered_at: Maybe[Instant]
    by: Known[By]
    override: Maybe[Override]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        """Decide inside the write section; refusals first, then guards."""
        raise NotImplementedError

    @classmethod
    def sealed(cls, raw: dict[str, Any], desk: Desk) -> dict[str, Any]:
        """The action as it may be digested and stored: a restricted petition's values become tags."""
        return raw

    @property
    def actor(self) -> str | None:
        """The staff id of the official who acted, where known."""
        return self.by.staff if self.by else None

    @property
    def acting_unit(self) -> str | None:
        """The unit of the official who acted, where known."""
        return self.by.unit if self.by else None

    def require_unit(self) -> str:
        """The acting unit; a handoff cannot be received by nobody."""
        unit = self.acting_unit
        if unit is None:
            raise InvalidAction("missing_field", "name the acting unit", field="by.unit")
        return unit


F = TypeVar("F", bound=Fact)


@cache
def live_fields(model: type[Closed]) -> tuple[str, ...]:
    """The names of a model's fields that live work must state and imported history may not know."""
    return tuple(
        name
        for name, info in model.model_fields.items()
        if any(isinstance(mark, LiveField) or mark is LiveField for mark in info.metadata)
    )


def require_live(action: Action) -> None:
    """Raise `missing_field` where live work leaves out what only history may not know."""
    held = action.__dict__
    for name in live_fields(type(action)):
        if held[name] is None:
            raise InvalidAction("missing_field", "live work states it", field=name)
    by = action.by
    if by is not None and by.staff != "system" and (by.staff is None or by.unit is None or by.role is None):
        missing = next(name for name in live_fields(By) if getattr(by, name) is None)
        raise InvalidAction("missing_field", "live work states who acted", field=f"by.{missing}")
