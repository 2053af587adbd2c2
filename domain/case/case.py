"""The case aggregate: what refusals and guards need to know of one petition case."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from domain.base import Action, Aggregate, Fact
from domain.errors import InvalidAction, NotFound, Refused
from domain.fields import CaseName


class Offer(msgspec.Struct):
    """One offer of a handoff: (handoff, addressed unit)."""

    received: bool = False
    objection_open: bool = False
    upheld: bool = False
    withdrawn: bool = False
    fed_back: bool = False

    @property
    def is_open(self) -> bool:
        """Neither withdrawn nor given back by an upheld objection."""
        return not (self.withdrawn or self.upheld)


class Case(Aggregate):
    """Decision state of a case. Lists of names, never of people outside the office."""

    ref: str = ""
    received: bool = False
    restricted: bool = False
    accusation: bool = False
    about_units: list[str] = []
    region: str | None = None
    registered: bool = False
    routed: bool = False
    purpose: str | None = None
    route: int | None = None
    procedure: str | None = None
    procedure_ref: str | None = None
    accepted_by: list[str] = []
    ever_accepted: bool = False
    withdrawn: bool = False
    merged_into: str | None = None
    opinion_issued: bool = False
    closed: bool = False
    handoffs: dict[str, dict[str, Offer]] = {}
    hearings: dict[str, bool] = {}
    reviews_requested: list[str] = []
    reviews_issued: list[str] = []
    interests: list[str] = []
    recused: list[str] = []
    supervisions: dict[str, bool] = {}
    advice: dict[str, bool] = {}
    measures: dict[str, bool] = {}

    def offers(self, handoff: str) -> dict[str, Offer]:
        """The offers of one handoff by addressed unit; raises `unknown_subject`."""
        found = self.handoffs.get(handoff)
        if found is None:
            raise NotFound("unknown_subject", f"no handoff {handoff} in this case", field="handoff", subject=self.id)
        return found

    def offer(self, handoff: str, unit: str) -> Offer:
        """One offer; raises `refused_by_state` where the handoff was not offered to the unit."""
        found = self.offers(handoff).get(unit)
        if found is None:
            raise Refused("refused_by_state", f"{handoff} was not offered to {unit}", field="by.unit", subject=self.id)
        return found

    def addressee(self, handoff: str, unit: str | None, acting: str | None = None) -> str:
        """The unit an act on a handoff is about: named, else the acting addressee, else the only one."""
        offers = self.offers(handoff)
        if unit is not None:
            if unit not in offers:
                raise Refused("refused_by_state", f"{handoff} was not offered to {unit}", field="unit", subject=self.id)
            return unit
        if acting is not None and acting in offers:
            return acting
        if len(offers) == 1:
            return next(iter(offers))
        raise InvalidAction(
            "missing_field",
            f"{handoff} has several addressees: " + ", ".join(sorted(offers)),
            field="unit",
            subject=self.id,
        )

    def refuse(self, detail: str, field: str | None = None, code: str = "refused_by_state") -> Refused:
        """A refusal that names this case."""
        return Refused(code, detail, field=field, subject=self.id)

    def require_registered(self) -> None:
        """Raise where the case has no registration yet."""
        if not self.registered:
            raise self.refuse("the case is not registered; `register_petition` first")


class CaseAction(Action):
    """An act on a case, named by number or ref."""

    subject_key: ClassVar[str] = "case"
    case: CaseName


class CaseFact(Fact):
    """The payload of an event on a case."""
